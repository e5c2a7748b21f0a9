package io.maskstream.trainer.block.view;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Paste;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Pastes whole classes: all pixels of half of a donor's classes, rounded down and drawn at random.
 *
 * <p>Olsson et al., "ClassMix: Segmentation-Based Data Augmentation for Semi-Supervised Learning", WACV 2021. Donors are taken in the
 * order of the receivers, one place on, so that an input that gives to itself never gives to the same image.
 */
public final class ClassMix {
    private ClassMix() {}

    /** Returns the paste; donors and receivers may be the same images. */
    public static Paste nextImages() {
        return Paste.named("half of the classes of the next image", ClassMix::plan);
    }

    private static View.Plan plan(Tensor pixels, Paste.Donors donors, RandomGenerator random) {
        long images = pixels.size(0);
        long givers = donors.pixels().size(0);
        TensorVector inside = new TensorVector();
        long[] giver = new long[(int) images];
        for (int i = 0; i < images; i++) {
            giver[i] = (i + 1) % givers;
            Tensor hard = donors.labels().hard().select(0, giver[i]); // [H, W]
            Tensor chosen = torch.zeros_like(hard).to(torch.ScalarType.Bool);
            for (long drawn : half(classes(hard), random)) {
                chosen = chosen.logical_or(hard.eq(new Scalar(drawn)));
            }
            inside.push_back(chosen);
        }
        Tensor order = torch.tensor(giver).to(pixels.device(), torch.ScalarType.Long);
        return new Pasted(
                torch.stack(inside, 0),
                donors.pixels().index_select(0, order),
                donors.labels().ordered(order));
    }

    private static List<Long> classes(Tensor hard) {
        List<Long> present = new ArrayList<>();
        Tensor counts = torch.bincount(hard.flatten(), new TensorOptional(), Mask.IGNORE);
        for (long c = 0; c < Mask.IGNORE; c++) {
            if (counts.select(0, c).item_long() > 0) {
                present.add(c);
            }
        }
        return present;
    }

    private static List<Long> half(List<Long> classes, RandomGenerator random) {
        List<Long> shuffled = new ArrayList<>(classes);
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        return shuffled.subList(0, shuffled.size() / 2);
    }

    /**
     * One draw.
     *
     * @param mask {@code [N, H, W]} bool, where the donor shows
     * @param pixels of the donors, one a receiver
     * @param donors their labels
     */
    private record Pasted(Tensor mask, Tensor pixels, PseudoLabel donors) implements View.Plan {
        @Override
        public Tensor images(Tensor receivers) {
            return torch.where(mask.unsqueeze(1), pixels, receivers);
        }

        /** What donors were said to be is not known of maps, so nothing shows there. */
        @Override
        public Tensor maps(Tensor maps) {
            return maps.masked_fill(mask.unsqueeze(1), new Scalar(0.0));
        }

        @Override
        public PseudoLabel labels(PseudoLabel label) {
            return label.mixed(mask, donors);
        }
    }
}
