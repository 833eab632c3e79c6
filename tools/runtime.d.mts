/** Compiles the runtime; gives its bytes. */
export declare function compileRuntime(root: string): Promise<Uint8Array>
