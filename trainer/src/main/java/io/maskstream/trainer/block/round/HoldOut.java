package io.maskstream.trainer.block.round;

import io.maskstream.trainer.data.Draws;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Annotated images drawn to choose by, and never learned from in the stages that are chosen between. They are not the evaluation split,
 * which no round sees.
 *
 * @param learned indices of the annotated images that are left to learn from
 * @param held indices of those that are held out
 */
public record HoldOut(List<Integer> learned, List<Integer> held) {
    public HoldOut {
        learned = List.copyOf(learned);
        held = List.copyOf(held);
    }

    /**
     * Draws a share of the annotated images, at least one. Of a single image there is no share: it is then learned from and chosen by.
     *
     * @param images how many are annotated
     * @param share in [0, 1]
     */
    public static HoldOut of(int images, double share, long seed) {
        List<Integer> drawn = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            drawn.add(i);
        }
        if (images == 1) {
            return new HoldOut(drawn, drawn);
        }
        drawn.sort(Comparator.comparingLong(i -> Draws.mix(seed, i)));
        int held = (int) Math.min(images - 1L, Math.max(1, Math.round(share * images)));
        return new HoldOut(
                drawn.subList(held, images).stream().sorted().toList(),
                drawn.subList(0, held).stream().sorted().toList());
    }
}
