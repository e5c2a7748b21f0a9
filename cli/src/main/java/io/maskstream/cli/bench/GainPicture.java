package io.maskstream.cli.bench;

import io.maskstream.cli.Picture;
import io.maskstream.segmentation.metric.Interval;
import io.maskstream.trainer.bench.MethodComparison;
import io.maskstream.trainer.bench.MethodComparison.Row;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Draws what each method gains over what it is held against, with its interval, family by family. */
public final class GainPicture {
    private static final int WIDTH = 960;
    private static final int LEFT = 200;
    private static final int MOST_LEFT = 440;
    private static final int NAME = 34;
    private static final int RIGHT = 170;
    private static final int TOP = 86;
    private static final int LINE = 26;
    private static final int BOTTOM = 62;
    private static final Color BETTER = new Color(0x1a7f37);
    private static final Color WORSE = new Color(0xb42318);
    private static final Color EVEN = new Color(0x6e7781);
    private static final double[] STEPS = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};

    private GainPicture() {}

    /**
     * Writes the picture as PNG.
     *
     * @param what data set and setting, for the title
     */
    public static void write(String what, MethodComparison comparison, Path file) throws IOException {
        Map<String, List<Row>> families = new TreeMap<>();
        for (Row row : comparison.rows()) {
            if (!row.method().equals(comparison.reference())) {
                families.computeIfAbsent(row.category(), name -> new ArrayList<>())
                        .add(row);
            }
        }
        int lines = families.values().stream().mapToInt(rows -> rows.size() + 1).sum();
        int height = TOP + Math.max(2, lines) * LINE + BOTTOM;
        Picture.write(file, WIDTH, height, g -> new Drawing(g, height, comparison, families).draw(what));
    }

    private record Drawing(
            Graphics2D g,
            int height,
            MethodComparison comparison,
            Map<String, List<Row>> families,
            Interval range,
            int left) {
        Drawing(Graphics2D g, int height, MethodComparison comparison, Map<String, List<Row>> families) {
            this(g, height, comparison, families, range(comparison), left(g, families));
        }

        /** Leaves as much room as the longest name takes, up to a limit. */
        private static int left(Graphics2D g, Map<String, List<Row>> families) {
            Picture.font(g, Font.PLAIN, 13);
            int longest = families.values().stream()
                    .flatMap(List::stream)
                    .mapToInt(row -> g.getFontMetrics().stringWidth(row.method()))
                    .max()
                    .orElse(0);
            return Math.max(LEFT, Math.min(MOST_LEFT, NAME + longest + 12));
        }

        /** From the lowest to the highest end of any interval, the ceiling and 0 among them, with some room. */
        private static Interval range(MethodComparison comparison) {
            double low = -0.01;
            double high = 0.01;
            for (Row row : comparison.rows()) {
                low = Math.min(low, row.gainLow());
                high = Math.max(high, row.gainHigh());
            }
            double gap = comparison.ceiling() - comparison.supervised();
            if (!Double.isNaN(gap)) {
                high = Math.max(high, gap);
                low = Math.min(low, gap);
            }
            double room = 0.04 * (high - low);
            return new Interval(low - room, high + room);
        }

        void draw(String what) {
            Picture.font(g, Font.BOLD, 15);
            g.drawString("Gain in mIoU over " + comparison.reference(), 20, 28);
            Picture.font(g, Font.PLAIN, 13);
            g.setColor(Picture.PALE);
            g.drawString(what, 20, 48);
            axis();
            int y = TOP;
            for (Map.Entry<String, List<Row>> family : families.entrySet()) {
                Picture.font(g, Font.BOLD, 13);
                g.setColor(Picture.PALE);
                g.drawString(family.getKey(), 20, y + 17);
                y += LINE;
                Picture.font(g, Font.PLAIN, 13);
                for (Row row : family.getValue()) {
                    row(row, y);
                    y += LINE;
                }
            }
        }

        private void axis() {
            double step = STEPS[STEPS.length - 1];
            for (int i = STEPS.length - 1; i >= 0 && (range.high() - range.low()) / STEPS[i] <= 10; i--) {
                step = STEPS[i];
            }
            int bottom = height - BOTTOM;
            g.setStroke(new BasicStroke(1));
            for (long i = (long) Math.ceil(range.low() / step); i * step <= range.high(); i++) {
                g.setColor(i == 0 ? Picture.INK : Picture.GRID);
                g.drawLine(x(i * step), TOP, x(i * step), bottom);
                g.setColor(Picture.INK);
                String format = step < 0.01 ? "%+.3f" : "%+.2f";
                Picture.centre(
                        g, i == 0 ? "0" : String.format(Locale.ROOT, format, i * step), x(i * step), bottom + 18);
            }
            g.setColor(Picture.PALE);
            g.drawString(
                    String.format(Locale.ROOT, "0 is %s, mIoU %.3f", comparison.reference(), comparison.supervised()),
                    left,
                    height - 16);
            Picture.right(g, "mIoU", WIDTH - 92, TOP - 8);
            Picture.right(g, "of the gap", WIDTH - 16, TOP - 8);
            double gap = comparison.ceiling() - comparison.supervised();
            if (!Double.isNaN(gap)) {
                g.setColor(Picture.ORANGE);
                g.setStroke(
                        new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {5, 4}, 0));
                g.drawLine(x(gap), TOP, x(gap), bottom);
                Picture.centre(
                        g, String.format(Locale.ROOT, "all labels, %.3f", comparison.ceiling()), x(gap), TOP - 8);
            }
        }

        private void row(Row row, int y) {
            int middle = y + LINE / 2;
            g.setColor(Picture.INK);
            g.drawString(fitting(row.method()), NAME, y + 17);
            g.setColor(row.isBetter() ? BETTER : row.isWorse() ? WORSE : EVEN);
            g.setStroke(new BasicStroke(2.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            g.drawLine(x(row.gainLow()), middle, x(row.gainHigh()), middle);
            g.fillOval(x(row.gain()) - 5, middle - 5, 11, 11);
            g.setColor(Picture.INK);
            Picture.right(g, String.format(Locale.ROOT, "%.3f", row.miou()), WIDTH - 92, y + 17);
            Double closed = row.gapClosed();
            Picture.right(
                    g, closed == null ? "–" : String.format(Locale.ROOT, "%.0f%%", 100 * closed), WIDTH - 16, y + 17);
        }

        private String fitting(String name) {
            String shown = name;
            while (g.getFontMetrics().stringWidth(shown) > left - NAME - 10) {
                shown = shown.substring(0, shown.length() - 2) + "…";
            }
            return shown;
        }

        private int x(double gain) {
            return left
                    + (int) Math.round((WIDTH - left - RIGHT) * (gain - range.low()) / (range.high() - range.low()));
        }
    }
}
