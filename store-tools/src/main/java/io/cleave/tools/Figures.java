package io.cleave.tools;

import java.util.Locale;

/** Numbers as people read them. Stateless, thread-safe. */
final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Figures() {}

    /** 1,234,567. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** 12.3 MiB. */
    static String bytes(long value) {
        double scaled = value;
        int unit = 0;
        while (scaled >= 1024 && unit < UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0 ? value + " B" : String.format(Locale.ROOT, "%.1f %s", scaled, UNITS[unit]);
    }

    /** 1.23 s. */
    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    /** How many a second; 0 when no time has passed. */
    static double perSecond(long amount, long nanos) {
        return nanos <= 0 ? 0 : (double) amount * 1e9 / nanos;
    }

    /** 123.4 MB/s, a megabyte being 1,000,000 bytes. */
    static String rate(long bytes, long nanos) {
        return String.format(Locale.ROOT, "%.1f MB/s", perSecond(bytes, nanos) / 1e6);
    }
}
