package io.maskstream.trainer.block.loss;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.network.Outputs;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Draws embeddings of one class together and of different classes apart, across annotated and other images.
 *
 * <p>Zhou et al., "C3-SemiSeg", ICCV 2021. Of every image and every class with more than so many pixels at the size of the embeddings,
 * that many are drawn as anchors: half where the learner is wrong and half where it is right, as far as there are. Anchor i is the
 * learner's embedding, key i the label giver's at the same place, or for annotated images the learner's own without gradient; all have
 * length 1. With {@code s_ij = anchor i * key j / temperature}, P(i) the keys of the anchor's class but its own, and n those of other
 * classes: {@code -temperature / 0.1 * mean over P(i) of (s_ij - log(exp s_ij + sum of exp s_in))}, on average over the anchors with such
 * keys; 0 if there is none.
 *
 * <p>Departure: class 0 is a class as any other; the authors' code leaves it out.
 *
 * @param branch of the learner and of the target's first giver that gives the embeddings
 * @param labelled input of the annotated images
 * @param temperature above 0
 * @param views anchors of a class in an image, at least 1
 */
public record AnchorContrast(String branch, String labelled, double temperature, int views) implements LossTerm {
    private static final double BASE_TEMPERATURE = 0.1;

    public AnchorContrast {
        if (!(temperature > 0) || views < 1) {
            throw new IllegalArgumentException(
                    "a contrast needs a temperature above 0 and a view, found " + temperature + ", " + views);
        }
    }

    @Override
    public Tensor loss(Lesson lesson) {
        Tensor own = lesson.learner().logits(branch); // [N, D, h, w]
        Lesson annotated = lesson.also(labelled, Recipe.OWN);
        Tensor other = annotated.learner().logits(branch);
        Drawn here = drawn(own, keys(lesson, own), lesson);
        Drawn there = drawn(other, other.detach(), annotated);
        Tensor anchors = torch.cat(new TensorVector(here.anchors(), there.anchors()), 0);
        Tensor keys = torch.cat(new TensorVector(here.keys(), there.keys()), 0);
        Tensor classes = torch.cat(new TensorVector(here.classes(), there.classes()), 0);
        if (classes.numel() == 0) {
            return own.sum().mul(new Scalar(0.0));
        }
        return contrast(anchors, keys, classes, temperature);
    }

    /** Carries the giver's embeddings to where the learner looked. */
    private Tensor keys(Lesson lesson, Tensor own) {
        Tensor hard = lesson.target().hard();
        Tensor given = lesson.giver(0).logits(branch);
        Tensor large = torch.upsample_nearest2d(given, hard.size(1), hard.size(2));
        return torch.upsample_nearest2d(lesson.carried(large), own.size(2), own.size(3));
    }

    /**
     * What was drawn of a batch.
     *
     * @param anchors {@code [M, D]}
     * @param keys {@code [M, D]}, without gradient
     * @param classes {@code [M]}
     */
    private record Drawn(Tensor anchors, Tensor keys, Tensor classes) {}

    private Drawn drawn(Tensor embeddings, Tensor keys, Lesson lesson) {
        long[] size = {embeddings.size(2), embeddings.size(3)};
        Tensor hard = torch.upsample_nearest2d(
                        lesson.target().hard().to(torch.ScalarType.Float).unsqueeze(1), size)
                .squeeze(1)
                .to(torch.ScalarType.Long); // [N, h, w]
        Tensor said = torch.upsample_nearest2d(said(lesson.learner()), size).squeeze(1);
        Tensor wrong = said.ne(hard.to(torch.ScalarType.Float)).flatten();
        List<Tensor> places = places(hard, wrong);
        Tensor chosen = places.isEmpty()
                ? torch.zeros(new long[] {0}, hard.options())
                : torch.cat(new TensorVector(places.toArray(Tensor[]::new)), 0);
        return new Drawn(
                rows(embeddings).index_select(0, chosen),
                rows(keys).index_select(0, chosen).detach(),
                hard.flatten().index_select(0, chosen));
    }

    private static Tensor said(Outputs learner) {
        return learner.logits()
                .detach()
                .argmax(new org.bytedeco.pytorch.LongOptional(1), true)
                .to(torch.ScalarType.Float);
    }

    /** Returns the chosen places, counted through the batch. */
    private List<Tensor> places(Tensor hard, Tensor wrong) {
        List<Tensor> places = new ArrayList<>();
        for (long image = 0; image < hard.size(0); image++) {
            Tensor classes = hard.select(0, image).flatten();
            Tensor counts = torch.bincount(classes, new TensorOptional(), Mask.IGNORE);
            for (long c = 0; c < Mask.IGNORE; c++) {
                if (counts.select(0, c).item_long() > views) {
                    Tensor all = classes.eq(new Scalar(c)).nonzero().flatten().add(new Scalar(image * classes.numel()));
                    places.add(halfAndHalf(all, wrong.index_select(0, all)));
                }
            }
        }
        return places;
    }

    /** Draws as many from both kinds, and more of one where the other has too few. */
    private Tensor halfAndHalf(Tensor all, Tensor wrong) {
        Tensor hard = shuffled(torch.masked_select(all, wrong));
        Tensor easy = shuffled(torch.masked_select(all, wrong.logical_not()));
        long half = views / 2;
        long fromHard = Math.min(hard.numel(), Math.max(half, views - easy.numel()));
        return torch.cat(new TensorVector(hard.narrow(0, 0, fromHard), easy.narrow(0, 0, views - fromHard)), 0);
    }

    private static Tensor shuffled(Tensor places) {
        return places.index_select(0, torch.randperm(places.numel()).to(places.device(), torch.ScalarType.Long));
    }

    private static Tensor rows(Tensor maps) {
        return maps.permute(0, 2, 3, 1).reshape(-1, maps.size(1)); // [N h w, D]
    }

    /**
     * Contrasts anchors with keys.
     *
     * @param anchors {@code [M, D]}
     * @param keys {@code [M, D]}
     * @param classes {@code [M]}
     */
    static Tensor contrast(Tensor anchors, Tensor keys, Tensor classes, double temperature) {
        Tensor similar = normalised(anchors).matmul(normalised(keys).t()).div(new Scalar(temperature)); // [M, M]
        Tensor scores = similar.sub(similar.detach().amax(new long[] {1}, true));
        Tensor same = classes.unsqueeze(0).eq(classes.unsqueeze(1));
        Tensor own = torch.eye(classes.numel(), scores.options()).to(torch.ScalarType.Bool);
        Tensor positive = same.logical_and(own.logical_not()).to(torch.ScalarType.Float);
        Tensor negatives =
                scores.exp().mul(same.logical_not().to(torch.ScalarType.Float)).sum(new long[] {1}, true, null);
        Tensor chance = scores.sub(scores.exp().add(negatives).log()); // [M, M]
        Tensor partners = positive.sum(new long[] {1}, false, null);
        Tensor each = chance.mul(positive).sum(new long[] {1}, false, null).div(partners.clamp_min(new Scalar(1.0)));
        Tensor counted = partners.gt(new Scalar(0.0)).to(torch.ScalarType.Float);
        return each.sum()
                .mul(new Scalar(-temperature / BASE_TEMPERATURE))
                .div(counted.sum().clamp_min(new Scalar(1.0)));
    }

    private static Tensor normalised(Tensor rows) {
        return rows.div(rows.square()
                .sum(new long[] {1}, true, null)
                .add(new Scalar(1e-12))
                .sqrt());
    }

    @Override
    public String toString() {
        return "contrast of " + branch + ", " + views + " pixels of a class and image, temperature " + temperature;
    }
}
