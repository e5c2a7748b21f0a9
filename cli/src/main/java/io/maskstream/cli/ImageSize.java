package io.maskstream.cli;

import picocli.CommandLine;

/**
 * Columns and rows, written {@code 160x120}.
 *
 * @param width columns, in pixels
 * @param height rows, in pixels
 */
public record ImageSize(int width, int height) {

    /** Reads the form of the command line. */
    public static final class Converter implements CommandLine.ITypeConverter<ImageSize> {
        @Override
        public ImageSize convert(String text) {
            String[] parts = text.split("x", -1);
            try {
                return new ImageSize(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
                throw new CommandLine.TypeConversionException("expected WIDTHxHEIGHT such as 160x120, found " + text);
            }
        }
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
