package io.maskstream.trainer.method;

import io.maskstream.trainer.block.round.RoundPlan;
import java.util.List;

/** A published way of learning from annotations and pseudo-labels, as a composition of blocks. */
public interface Method {
    /** Returns the name that configuration uses: lower case, with hyphens. */
    String name();

    /** Returns the family in the survey's terms, which is the room the method lives in. */
    default String category() {
        String room = getClass().getPackageName();
        return room.substring(room.lastIndexOf('.') + 1);
    }

    /** Returns authors, title, venue and year. */
    String citation();

    /** Returns what a user may set, {@link Supervision#OPTIONS} among it. */
    List<Option> options();

    /** Returns what a round does under these settings. */
    RoundPlan plan(MethodSettings settings);
}
