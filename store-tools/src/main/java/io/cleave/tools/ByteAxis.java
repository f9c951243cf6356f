package io.cleave.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The scale of a drawing's height in bytes: from 0 up in even steps, all of one unit. Immutable.
 *
 * @param step bytes from mark to mark
 * @param steps how many of them the full height has
 * @param unit bytes of the unit
 * @param unitName its name
 */
record ByteAxis(double step, int steps, double unit, String unitName) {
    private static final int STEPS_MAX = 5;
    private static final double[] NICE = {1, 2, 2.5, 4, 5};
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    /** The scale on which {@code largest} bytes are nearly the full height, and never more. */
    static ByteAxis of(long largest) {
        double unit = 1;
        int name = 0;
        while (largest >= 1024 * unit && name < UNITS.length - 1) {
            unit *= 1024;
            name++;
        }
        double value = Math.max(1, largest) / unit;
        double power = Math.pow(10, Math.floor(Math.log10(value)) - 1);
        while (true) {
            for (double nice : NICE) {
                double step = nice * power;
                boolean isWhole = name > 0 || step == Math.rint(step);
                if (isWhole && step * STEPS_MAX >= value) {
                    return new ByteAxis(step * unit, (int) Math.ceil(value / step - 1e-9), unit, UNITS[name]);
                }
            }
            power *= 10;
        }
    }

    /** What the full height stands for. */
    double fullBytes() {
        return step * steps;
    }

    /** How high a mark is, from 0 to 1. */
    double share(int mark) {
        return (double) mark / steps;
    }

    /** The marks from 0 up as text. */
    List<String> labels() {
        List<String> labels = new ArrayList<>(List.of("0"));
        boolean isWhole = step / unit == Math.rint(step / unit);
        for (int mark = 1; mark <= steps; mark++) {
            double value = mark * step / unit;
            String number = isWhole
                    ? String.format(Locale.ROOT, "%.0f", value)
                    : String.format(Locale.ROOT, "%.2f", value)
                            .replaceAll("0+$", "")
                            .replaceAll("\\.$", "");
            labels.add(number + " " + unitName);
        }
        return labels;
    }
}
