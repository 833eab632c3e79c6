// Runs command lines one after another as `sallyport policy` would, and sends what each wrote and its exit code.
import { run } from '../../../dist/cli/policy/policy.js'

process.on('message', async ({ cwd, args }) => {
  const ran = { status: null, out: '', err: '' }
  process.stdout.write = (text) => {
    ran.out += text
    return true
  }
  process.stderr.write = (text) => {
    ran.err += text
    return true
  }
  process.chdir(cwd)
  ran.status = await run(args)
  process.send(ran)
})
