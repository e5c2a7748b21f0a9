package io.maskstream.trainer.block;

/**
 * Who gave a label.
 *
 * @param giver {@code human}, {@code stored}, or the name of a network in the recipe
 * @param version model version, empty for a person
 * @param round the round in which it was given
 */
public record LabelSource(String giver, String version, int round) {
    /** A person. */
    public static final LabelSource HUMAN = new LabelSource("human", "", 0);
}
