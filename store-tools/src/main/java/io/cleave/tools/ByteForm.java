package io.cleave.tools;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** How keys and values stand on the command line and in the output. Immutable, thread-safe. */
enum ByteForm {
    /** UTF-8 text. */
    TEXT {
        @Override
        byte[] parse(String what, String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i)) && !isPaired(text, i)) {
                    throw new UsageException(what + ": not text: expected UTF-8, or bytes with --hex");
                }
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        String show(byte[] bytes) {
            return escaped(bytes);
        }
    },
    /** Two hexadecimal digits a byte. */
    HEX {
        @Override
        byte[] parse(String what, String text) {
            try {
                return HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException e) {
                throw new UsageException(what + ": expected an even number of hexadecimal digits with --hex");
            }
        }

        @Override
        String show(byte[] bytes) {
            return HexFormat.of().formatHex(bytes);
        }
    };

    /** The bytes that an argument stands for; {@code what} names it in the message. */
    abstract byte[] parse(String what, String text);

    /** One word for a line of output: no tab, no line end, and no two byte strings look alike. */
    abstract String show(byte[] bytes);

    /** The text that the bytes are, null when they are no UTF-8. */
    static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String escaped(byte[] bytes) {
        String text = decode(bytes);
        StringBuilder line = new StringBuilder();
        if (text == null) {
            for (byte b : bytes) {
                append(line, b);
            }
            return line.toString();
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                append(line, (byte) c);
            } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
                    append(line, b);
                }
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }

    /** Appends a byte: as the ASCII character it is, the backslash twice, anything else as \\xNN. */
    private static void append(StringBuilder line, byte b) {
        if (b == '\\') {
            line.append("\\\\");
        } else if (b >= ' ' && b < 0x7F) {
            line.append((char) b);
        } else {
            line.append("\\x").append(HexFormat.of().toHexDigits(b));
        }
    }

    private static boolean isPaired(String text, int i) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
