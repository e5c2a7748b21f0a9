package io.maskstream.trainer.block.view;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** How the box of a mixing is drawn; the names in capitals are those of the methods' literature notes. */
@FunctionalInterface
public interface BoxRule {

    /** Draws a box inside the image. */
    Box draw(int height, int width, RandomGenerator random);

    /**
     * Draws an area evenly, and a side ratio of 0.3 to 1/0.3, until the box fits: BOX1 of FixMatch and UniMatch.
     *
     * @param least smallest share of the image
     * @param most largest share
     */
    static BoxRule area(double least, double most) {
        return named(
                least + " to " + most + " of the area",
                (height, width, random) -> Box.draw(height, width, least, most, 1 / 0.3, random));
    }

    /**
     * Draws an area evenly between a quarter and a half, the height that area to a power drawn evenly, and takes a third of the box: one
     * of the three boxes of BOX3, CPS and CPCL.
     */
    static BoxRule third() {
        return named("a third of 0.25 to 0.5 of the area", (height, width, random) -> {
            double area = 0.25 * (1 + random.nextDouble());
            double tall = Math.exp(random.nextDouble() * Math.log(area));
            double side = Math.sqrt(1.0 / 3);
            int boxHeight = (int) Math.round(tall * side * height);
            int boxWidth = (int) Math.round(area / tall * side * width);
            return anywhere(boxHeight, boxWidth, height, width, random);
        });
    }

    /** Takes half of the area, the width drawn evenly from half of the image's to all of it: HALF of U2PL and GTA-Seg. */
    static BoxRule half() {
        return named("half of the area", (height, width, random) -> {
            int narrowest = width / 2 + 1;
            int boxWidth = narrowest < width ? random.nextInt(narrowest, width) : Math.max(1, width / 2);
            int boxHeight = Math.min(height, Math.max(1, (int) Math.round(height * width / 2.0 / boxWidth)));
            return anywhere(boxHeight, boxWidth, height, width, random);
        });
    }

    /**
     * Takes the share {@code 1 - x} of the area with x from Beta(a, b), in the image's own proportions, and cuts what lies outside the
     * image; the middle lies evenly from an eighth of a side to its end: BETA of PS-MT and AugSeg.
     *
     * @param a whole, at least 1
     * @param b whole, at least 1
     */
    static BoxRule beta(int a, int b) {
        if (a < 1 || b < 1) {
            throw new IllegalArgumentException("Beta(a, b) is drawn for whole a and b from 1, not " + a + ", " + b);
        }
        return named("a share of Beta(" + a + ", " + b + ")", (height, width, random) -> {
            double[] uniform = random.doubles(a + b - 1L).sorted().toArray();
            double side = Math.sqrt(1 - uniform[a - 1]); // the a-th smallest of a + b - 1 even numbers is Beta(a, b)
            int[] rows = around(height, side, random);
            int[] columns = around(width, side, random);
            return new Box(rows[0], columns[0], rows[1] - rows[0], columns[1] - columns[0]);
        });
    }

    /** Takes a share of each side, rounded down, anywhere in the image: CENTRE of BCP with two thirds. */
    static BoxRule side(double share) {
        return named(
                share + " of each side",
                (height, width, random) ->
                        anywhere((int) (share * height), (int) (share * width), height, width, random));
    }

    private static Box anywhere(int boxHeight, int boxWidth, int height, int width, RandomGenerator random) {
        int top = random.nextInt(height - boxHeight + 1);
        int left = random.nextInt(width - boxWidth + 1);
        return new Box(top, left, boxHeight, boxWidth);
    }

    /** Returns the first place of a stretch around a drawn middle, and the place after its last. */
    private static int[] around(int size, double share, RandomGenerator random) {
        int first = size / 8;
        int middle = first + random.nextInt(Math.max(1, size - first));
        int half = (int) (share * size) / 2;
        return Arrays.stream(new int[] {middle - half, middle + half})
                .map(place -> Math.min(size, Math.max(0, place)))
                .toArray();
    }

    /** Gives a rule a text, which is how it prints. */
    static BoxRule named(String text, BoxRule rule) {
        record Named(String text, BoxRule rule) implements BoxRule {
            @Override
            public Box draw(int height, int width, RandomGenerator random) {
                return rule.draw(height, width, random);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, rule);
    }
}
