package io.maskstream.trainer.block;

import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/** A way to look at images: drawn once as a plan, which then changes images and labels alike. */
@FunctionalInterface
public interface View {

    /** Draws what will be done to a batch; equal draws give equal plans. */
    Plan plan(int images, int height, int width, RandomGenerator random);

    /** Returns this view, and the next on what it gives. */
    default View then(View next) {
        return named(this + ", then " + next, (images, height, width, random) -> {
            Plan first = plan(images, height, width, random);
            Plan second = next.plan(images, height, width, random);
            return new Sequence(List.of(first, second));
        });
    }

    /** Shows the images as they are. */
    static View plain() {
        return named("as it is", (images, height, width, random) -> new Sequence(List.of()));
    }

    /** Gives a view a text, which is how it prints. */
    static View named(String text, View view) {
        record Named(String text, View view) implements View {
            @Override
            public Plan plan(int images, int height, int width, RandomGenerator random) {
                return view.plan(images, height, width, random);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, view);
    }

    /** What one draw does to a batch. */
    interface Plan {
        /** Changes pictures {@code [N, 3, H, W]} in [0, 255]. */
        Tensor images(Tensor pixels);

        /** Changes labels as the pictures were changed: the same geometry, the same boxes. */
        PseudoLabel labels(PseudoLabel label);

        /** Moves maps of numbers {@code [N, D, H, W]} as the pictures' pixels were moved; colours do not matter, and padding is 0. */
        Tensor maps(Tensor maps);
    }

    /**
     * Several plans, one on the other.
     *
     * @param plans in order
     */
    record Sequence(List<Plan> plans) implements Plan {
        public Sequence {
            plans = List.copyOf(plans);
        }

        @Override
        public Tensor images(Tensor pixels) {
            Tensor result = pixels;
            for (Plan plan : plans) {
                result = plan.images(result);
            }
            return result;
        }

        @Override
        public PseudoLabel labels(PseudoLabel label) {
            PseudoLabel result = label;
            for (Plan plan : plans) {
                result = plan.labels(result);
            }
            return result;
        }

        @Override
        public Tensor maps(Tensor maps) {
            Tensor result = maps;
            for (Plan plan : plans) {
                result = plan.maps(result);
            }
            return result;
        }
    }
}
