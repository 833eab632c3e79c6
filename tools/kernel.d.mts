/** Compiles the kernel of the streaming matcher; gives its bytes. */
export declare function compileKernel(root: string): Promise<Uint8Array>
