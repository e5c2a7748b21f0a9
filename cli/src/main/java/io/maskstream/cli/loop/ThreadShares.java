package io.maskstream.cli.loop;

/**
 * How many threads the two engines of one process compute with.
 *
 * <p>ONNX Runtime and libtorch have a pool each and know nothing of each other; left alone, both take every processor and a
 * round of learning then slows inference and itself. So of the processors a quarter, at least one, serves and the others
 * learn. A number that is set stands, and the other engine takes what it leaves. Neither pool spins while it waits.
 *
 * @param inference threads of one run of the model by ONNX Runtime
 * @param training threads of one operator of libtorch; its second pool, between operators, is never used
 */
record ThreadShares(int inference, int training) {
    private static final int PART = 4;

    /**
     * Shares processors out.
     *
     * @param processors at least 1
     * @param inference what is set, 0 for nothing
     * @param training what is set, 0 for nothing
     */
    static ThreadShares of(int processors, int inference, int training) {
        int left = Math.max(1, processors - training);
        int quarter = training > 0 ? left : Math.max(1, processors / PART);
        int serving = inference > 0 ? inference : quarter;
        int learning = training > 0 ? training : Math.max(1, processors - serving);
        return new ThreadShares(serving, learning);
    }
}
