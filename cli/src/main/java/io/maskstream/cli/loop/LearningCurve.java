package io.maskstream.cli.loop;

import io.maskstream.cli.Picture;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Draws mIoU, with its interval, against labels. */
public final class LearningCurve {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;
    private static final int LEFT = 70;
    private static final int BOTTOM = 60;
    private static final int MARGIN = 40;
    private static final Color BAND = new Color(0x302563c9, true);

    private LearningCurve() {}

    /** Writes the picture as PNG. */
    public static void write(String title, List<LoopReport.Round> rounds, Path file) throws IOException {
        Picture.write(file, WIDTH, HEIGHT, g -> new Drawing(g, rounds).draw(title));
    }

    private record Drawing(Graphics2D g, List<LoopReport.Round> rounds) {
        void draw(String title) {
            axes(title);
            int[] x = rounds.stream().mapToInt(round -> x(round.labels())).toArray();
            int n = x.length;
            int[] bandX = new int[2 * n];
            int[] bandY = new int[2 * n];
            int[] y = new int[n];
            for (int i = 0; i < n; i++) {
                y[i] = y(rounds.get(i).miou());
                bandX[i] = x[i];
                bandY[i] = y(rounds.get(i).miouLow());
                bandX[2 * n - 1 - i] = x[i];
                bandY[2 * n - 1 - i] = y(rounds.get(i).miouHigh());
            }
            g.setColor(BAND);
            g.fillPolygon(bandX, bandY, 2 * n);
            g.setColor(Picture.BLUE);
            g.setStroke(new BasicStroke(2.5f));
            g.drawPolyline(x, y, n);
            for (int i = 0; i < n; i++) {
                g.fillOval(x[i] - 4, y[i] - 4, 9, 9);
                g.drawString(String.format(Locale.ROOT, "%.3f", rounds.get(i).miou()), x[i] + 6, y[i] - 8);
            }
        }

        private void axes(String title) {
            for (int tenth = 0; tenth <= 10; tenth++) {
                int y = y(tenth / 10.0);
                g.setColor(Picture.GRID);
                g.drawLine(LEFT, y, WIDTH - MARGIN, y);
                g.setColor(Picture.INK);
                g.drawString(String.format(Locale.ROOT, "%.1f", tenth / 10.0), LEFT - 32, y + 5);
            }
            for (LoopReport.Round round : rounds) {
                g.drawString(Integer.toString(round.labels()), x(round.labels()) - 8, HEIGHT - BOTTOM + 20);
            }
            g.drawString("labels", WIDTH / 2 - 20, HEIGHT - 15);
            g.drawString("mIoU", 12, MARGIN - 12);
            Picture.font(g, Font.BOLD, 15);
            g.drawString(title, LEFT, MARGIN - 12);
        }

        private int x(int labels) {
            int most = Math.max(
                    1, rounds.stream().mapToInt(LoopReport.Round::labels).max().orElse(1));
            return LEFT + (int) Math.round((WIDTH - LEFT - MARGIN - 20) * (double) labels / most);
        }

        private static int y(double share) {
            return MARGIN + (int) Math.round((HEIGHT - MARGIN - BOTTOM) * (1 - share));
        }
    }
}
