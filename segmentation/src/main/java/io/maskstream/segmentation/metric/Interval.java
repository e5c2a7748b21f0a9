package io.maskstream.segmentation.metric;

/**
 * The range in which a measured figure lies with the stated confidence; both ends {@code NaN} if nothing was measured.
 *
 * @param low lower end
 * @param high upper end, not below {@code low}
 */
public record Interval(double low, double high) {
    public Interval {
        if (low > high || Double.isNaN(low) != Double.isNaN(high)) {
            throw new IllegalArgumentException("an interval cannot go from " + low + " to " + high);
        }
    }

    /** Says whether the value lies in it, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
