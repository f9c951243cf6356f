package io.cleave.bench;

import java.util.Locale;

/** Numbers as people read them, with three digits or so. Stateless, thread-safe. */
final class Quantity {
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Quantity() {}

    /** 1.28 M, 340 k, 950. */
    static String rate(double perSecond) {
        if (!Double.isFinite(perSecond)) {
            return "-";
        }
        if (perSecond >= 999.5e6) {
            return digits(perSecond / 1e9) + " G";
        }
        if (perSecond >= 999.5e3) {
            return digits(perSecond / 1e6) + " M";
        }
        return perSecond >= 999.5 ? digits(perSecond / 1e3) + " k" : digits(perSecond);
    }

    /** 850 ns, 1.23 µs, 12.3 ms, 1.20 s. */
    static String time(double nanos) {
        if (!Double.isFinite(nanos)) {
            return "-";
        }
        if (nanos >= 999.5e6) {
            return digits(nanos / 1e9) + " s";
        }
        if (nanos >= 999.5e3) {
            return digits(nanos / 1e6) + " ms";
        }
        return nanos >= 999.5 ? digits(nanos / 1e3) + " µs" : Math.round(nanos) + " ns";
    }

    /** 12.3 ms, whatever the size. */
    static String millis(double nanos) {
        return (nanos < 99_500 ? String.format(Locale.ROOT, "%.3f", nanos / 1e6) : digits(nanos / 1e6)) + " ms";
    }

    /** 12.3 MiB. */
    static String bytes(double bytes) {
        if (!Double.isFinite(bytes)) {
            return "-";
        }
        double scaled = bytes;
        int unit = 0;
        while (scaled >= 999.5 && unit < BINARY_UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return (unit == 0 ? Long.toString(Math.round(scaled)) : digits(scaled)) + " " + BINARY_UNITS[unit];
    }

    /** 1.28×. */
    static String ratio(double ratio) {
        if (!Double.isFinite(ratio)) {
            return "-";
        }
        return (ratio < 0.0995 ? String.format(Locale.ROOT, "%.3f", ratio) : digits(ratio)) + "×";
    }

    /** 1,234,567. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** 1.23, 12.3, 123, 1,234. */
    static String digits(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        double size = Math.abs(value);
        String pattern = size >= 99.95 ? "%,.0f" : size >= 9.995 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, pattern, value);
    }
}
