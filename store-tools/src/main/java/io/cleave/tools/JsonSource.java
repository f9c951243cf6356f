package io.cleave.tools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;

/** Entries from JSON objects, one a line. */
final class JsonSource extends EntrySource {
    private final Fields fields;
    private long line;

    JsonSource(LineReader lines, Fields fields) {
        super(lines);
        this.fields = fields;
    }

    @Override
    long line() {
        return line;
    }

    @Override
    Entry next() throws IOException, BadLineException {
        byte[] bytes = lines().next();
        line = lines().line();
        while (bytes != null && bytes.length == 0) {
            bytes = lines().next();
            line = lines().line();
        }
        if (bytes == null) {
            return null;
        }
        String text = ByteForm.decode(bytes);
        if (text == null) {
            throw new BadLineException(line, "not UTF-8");
        }
        Map<String, JsonObject.Value> object;
        try {
            object = JsonObject.parse(text);
        } catch (JsonObject.SyntaxException e) {
            throw new BadLineException(line, e.getMessage());
        }
        JsonObject.Value keyed = object.get(fields.key());
        if (keyed == null || bytesOf(keyed) == null) {
            requireKey(keyed);
        }
        byte[] key = field(object, fields.key());
        return new Entry(key, fields.value() == null ? bytes : field(object, fields.value()));
    }

    /** No value of a field stands for "there is no key", and an object has many texts. */
    private void requireKey(JsonObject.Value value) throws BadLineException {
        boolean isScalar =
                value == null || value.isString() || "{[n".indexOf(value.text().charAt(0)) < 0;
        if (!isScalar) {
            String found =
                    value.text().charAt(0) == 'n' ? "null" : value.text().charAt(0) == '[' ? "an array" : "an object";
            throw new BadLineException(
                    line,
                    "key: expected a string, a number, true or false in field \"" + fields.key() + "\", found "
                            + found);
        }
    }

    /** What {@code scan --json} writes for bytes that are no text: an object whose one field is "hex"; null for any other value. */
    private static byte[] bytesOf(JsonObject.Value value) {
        if (value.isString() || value.text().charAt(0) != '{') {
            return null;
        }
        try {
            Map<String, JsonObject.Value> object = JsonObject.parse(value.text());
            JsonObject.Value hex = object.size() == 1 ? object.get("hex") : null;
            return hex == null || !hex.isString() ? null : HexFormat.of().parseHex(hex.text());
        } catch (JsonObject.SyntaxException | IllegalArgumentException e) {
            // Some other object of the user's.
            return null;
        }
    }

    /** A string as its text, the bytes that {@code scan --json} stands for as such, anything else as it stands there. */
    private byte[] field(Map<String, JsonObject.Value> object, String name) throws BadLineException {
        JsonObject.Value value = object.get(name);
        if (value == null) {
            throw new BadLineException(line, "no field \"" + name + "\"");
        }
        byte[] bytes = bytesOf(value);
        return bytes == null ? value.text().getBytes(StandardCharsets.UTF_8) : bytes;
    }
}
