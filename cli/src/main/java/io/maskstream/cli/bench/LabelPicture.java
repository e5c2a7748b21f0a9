package io.maskstream.cli.bench;

import io.maskstream.cli.Picture;
import io.maskstream.trainer.bench.LabelCurve.Window;
import io.maskstream.trainer.bench.MethodComparison;
import io.maskstream.trainer.bench.MethodRun;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Draws how right the pseudo-labels were and how much they covered while a training went on: a small picture for every class, or for every
 * method. Each seed is a thin line, all seeds together a thick one.
 */
public final class LabelPicture {
    private static final int COLUMNS = 4;
    private static final int PANEL_WIDTH = 240;
    private static final int PANEL_HEIGHT = 170;
    private static final int MARGIN = 20;
    private static final int TOP = 74;

    private LabelPicture() {}

    /**
     * One small picture.
     *
     * @param title above it
     * @param runs windows of each run
     * @param precision of a window; NaN where there is none
     * @param coverage of a window; NaN where there is none
     */
    private record Panel(
            String title,
            List<List<Window>> runs,
            ToDoubleFunction<Window> precision,
            ToDoubleFunction<Window> coverage) {}

    /** Writes a method's picture: all classes together, then class by class. */
    public static void write(String what, List<MethodRun> runs, Path file) throws IOException {
        List<List<Window>> windows =
                runs.stream().map(MethodRun::taughtTogether).toList();
        List<Panel> panels = new ArrayList<>();
        panels.add(new Panel("all classes", windows, Window::precision, Window::coverage));
        List<String> classes = runs.get(0).classes();
        for (int c = 0; c < classes.size(); c++) {
            int index = c;
            panels.add(new Panel(
                    classes.get(c), windows, window -> window.precision(index), window -> window.coverage(index)));
        }
        draw(what, panels, file);
    }

    /**
     * Writes a picture of every method that teaches pseudo-labels, in the order of the comparison.
     *
     * @return whether there was any
     */
    public static boolean writeOverview(String what, MethodComparison comparison, List<MethodRun> runs, Path file)
            throws IOException {
        List<Panel> panels = new ArrayList<>();
        for (MethodComparison.Row row : comparison.rows()) {
            List<List<Window>> windows = runs.stream()
                    .filter(run -> run.variant().equals(row.method()))
                    .map(MethodRun::taughtTogether)
                    .filter(taught -> !taught.isEmpty())
                    .toList();
            if (!windows.isEmpty()) {
                String title = String.format(Locale.ROOT, "%s %+.3f", row.method(), row.gain());
                panels.add(new Panel(title, windows, Window::precision, Window::coverage));
            }
        }
        if (!panels.isEmpty()) {
            draw(what, panels, file);
        }
        return !panels.isEmpty();
    }

    private static void draw(String what, List<Panel> panels, Path file) throws IOException {
        int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
        int width = 2 * MARGIN + COLUMNS * PANEL_WIDTH;
        int height = TOP + rows * PANEL_HEIGHT + MARGIN;
        Picture.write(file, width, height, g -> {
            Picture.font(g, Font.BOLD, 15);
            g.drawString("Pseudo-labels over the steps", MARGIN, 28);
            Picture.font(g, Font.PLAIN, 13);
            g.setColor(Picture.PALE);
            g.drawString(what, MARGIN, 48);
            legend(g, width);
            for (int i = 0; i < panels.size(); i++) {
                new Drawing(g, MARGIN + i % COLUMNS * PANEL_WIDTH, TOP + i / COLUMNS * PANEL_HEIGHT)
                        .draw(panels.get(i));
            }
        });
    }

    private static void legend(Graphics2D g, int width) {
        int x = width - MARGIN - 290;
        g.setColor(Picture.BLUE);
        g.fillRect(x, 19, 18, 4);
        g.drawString("precision: right", x + 24, 27);
        g.setColor(Picture.ORANGE);
        g.fillRect(x + 140, 19, 18, 4);
        g.drawString("coverage: labelled", x + 164, 27);
    }

    private record Drawing(Graphics2D g, int left, int top) {
        private static final int AXIS = 30;
        private static final int HEAD = 24;
        private static final int FOOT = 24;
        private static final int GAP = 14;

        void draw(Panel panel) {
            Picture.font(g, Font.BOLD, 12);
            g.setColor(Picture.INK);
            g.drawString(fitting(panel.title()), left + AXIS, top + 16);
            Picture.font(g, Font.PLAIN, 10);
            g.setStroke(new BasicStroke(1));
            for (int quarter = 0; quarter <= 4; quarter++) {
                g.setColor(Picture.GRID);
                g.drawLine(left + AXIS, y(quarter / 4.0), left + PANEL_WIDTH - GAP, y(quarter / 4.0));
                if (quarter % 2 == 0) {
                    g.setColor(Picture.PALE);
                    Picture.right(
                            g,
                            String.format(Locale.ROOT, "%.1f", quarter / 4.0),
                            left + AXIS - 5,
                            y(quarter / 4.0) + 4);
                }
            }
            curves(panel.runs(), panel.coverage(), Picture.ORANGE);
            curves(panel.runs(), panel.precision(), Picture.BLUE);
        }

        private void curves(List<List<Window>> runs, ToDoubleFunction<Window> figure, Color colour) {
            if (runs.size() > 1) {
                g.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 90));
                g.setStroke(new BasicStroke(0.9f));
                runs.forEach(run -> curve(run, figure));
            }
            g.setColor(colour);
            g.setStroke(new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            curve(together(runs), figure);
        }

        private static List<Window> together(List<List<Window>> runs) {
            List<Window> sum = new ArrayList<>(runs.get(0));
            for (List<Window> run : runs.subList(1, runs.size())) {
                for (int i = 0; i < sum.size(); i++) {
                    sum.set(i, sum.get(i).plus(run.get(i)));
                }
            }
            return sum;
        }

        /** Draws what is defined; a gap stays where nothing was taught. */
        private void curve(List<Window> windows, ToDoubleFunction<Window> figure) {
            for (int i = 0; i < windows.size(); i++) {
                double here = figure.applyAsDouble(windows.get(i));
                double next = i + 1 < windows.size() ? figure.applyAsDouble(windows.get(i + 1)) : Double.NaN;
                if (!Double.isNaN(here) && !Double.isNaN(next)) {
                    g.drawLine(x(i, windows.size()), y(here), x(i + 1, windows.size()), y(next));
                } else if (!Double.isNaN(here)) {
                    g.fillOval(x(i, windows.size()) - 1, y(here) - 1, 3, 3);
                }
            }
        }

        private String fitting(String title) {
            String shown = title;
            while (g.getFontMetrics().stringWidth(shown) > PANEL_WIDTH - AXIS - GAP) {
                shown = shown.substring(0, shown.length() - 2) + "…";
            }
            return shown;
        }

        private int x(int window, int windows) {
            double place = (window + 0.5) / windows;
            return left + AXIS + (int) Math.round((PANEL_WIDTH - AXIS - GAP) * place);
        }

        private int y(double share) {
            return top + HEAD + (int) Math.round((PANEL_HEIGHT - HEAD - FOOT) * (1 - share));
        }
    }
}
