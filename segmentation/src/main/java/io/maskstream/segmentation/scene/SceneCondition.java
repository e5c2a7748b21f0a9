package io.maskstream.segmentation.scene;

/** Light and weather of a scene, with how often it is drawn. */
public enum SceneCondition {
    /** Sun, hard shadows. */
    DAY(0.42),
    /** Even grey light. */
    OVERCAST(0.16),
    /** Low warm light. */
    DUSK(0.12),
    /** Wet road, streaks, less contrast. */
    RAIN(0.11),
    /** What is far fades. */
    FOG(0.08),
    /** Lamps, lit windows, camera noise. */
    NIGHT(0.11);

    private final double share;

    SceneCondition(double share) {
        this.share = share;
    }

    /** Returns the condition at a point of [0, 1) in which each holds its share. */
    static SceneCondition at(double point) {
        double rest = point;
        for (SceneCondition condition : values()) {
            rest -= condition.share;
            if (rest < 0) {
                return condition;
            }
        }
        return DAY;
    }
}
