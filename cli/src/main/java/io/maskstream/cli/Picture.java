package io.maskstream.cli;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/** White paper to draw figures on, and the colours that they share. */
public final class Picture {
    /** Of words and axes. */
    public static final Color INK = new Color(0x24292f);

    /** Of what is said beside. */
    public static final Color PALE = new Color(0x6e7781);

    /** Of lines behind the figures. */
    public static final Color GRID = new Color(0xd8dee4);

    /** Of what is measured. */
    public static final Color BLUE = new Color(0x2563c9);

    /** Of a second figure beside the first. */
    public static final Color ORANGE = new Color(0xc2570c);

    private Picture() {}

    /** Draws and writes a picture as PNG; folders above it are made. */
    public static void write(Path file, int width, int height, Consumer<Graphics2D> drawing) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, width, height);
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
            g.setColor(INK);
            drawing.accept(g);
        } finally {
            g.dispose();
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    /** Sets the size and weight of what is written next. */
    public static void font(Graphics2D g, int style, float size) {
        g.setFont(g.getFont().deriveFont(style, size));
    }

    /** Writes words that end at a place. */
    public static void right(Graphics2D g, String words, int x, int y) {
        g.drawString(words, x - g.getFontMetrics().stringWidth(words), y);
    }

    /** Writes words around a place. */
    public static void centre(Graphics2D g, String words, int x, int y) {
        g.drawString(words, x - g.getFontMetrics().stringWidth(words) / 2, y);
    }
}
