package io.maskstream.trainer.run;

/** The names of the trainer's metrics, nowhere else. */
public final class TrainerMetrics {
    /** Counter: rounds that ended; tag {@code status}: champion, rejected, failed. */
    public static final String ROUNDS = "trainer.rounds";
    /** Timer: a round from its plan to its release. */
    public static final String ROUND_TIME = "trainer.round.duration";
    /** Timer: one optimiser step, batch assembly included. */
    public static final String STEP = "trainer.step";
    /** Gauge: loss of the last step, all terms with their weights. */
    public static final String LOSS = "trainer.loss";
    /** Gauge: steps done in the round under way, 0 between rounds. */
    public static final String ITERATION = "trainer.iteration";
    /** Gauge: share of the round under way that is done, in [0, 1]. */
    public static final String PROGRESS = "trainer.progress";
    /** Gauge: images known; tags {@code origin}: human, pseudo; {@code split}: train, evaluation. */
    public static final String SAMPLES = "trainer.samples";
    /** Gauge: annotations that no round has learned from yet. */
    public static final String NEW_ANNOTATIONS = "trainer.annotations.new";
    /** Gauge: mIoU of the serving model on the evaluation split when it was released. */
    public static final String CHAMPION_MIOU = "trainer.champion.miou";
    /** Gauge: the last round that ended. */
    public static final String ROUND = "trainer.round";
    /** Counter: samples refused, which are in the dead letters. */
    public static final String DEAD_LETTERS = "trainer.dead.letters";
    /** Tag: how a round ended. */
    public static final String STATUS = "status";
    /** Tag: who gave a mask. */
    public static final String ORIGIN = "origin";
    /** Tag: whether a sample may be trained on. */
    public static final String SPLIT = "split";

    private TrainerMetrics() {}
}
