package io.cleave.tools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
        requireKey(object.get(fields.key()));
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

    /** A string as its text, anything else as it stands there. */
    private byte[] field(Map<String, JsonObject.Value> object, String name) throws BadLineException {
        JsonObject.Value value = object.get(name);
        if (value == null) {
            throw new BadLineException(line, "no field \"" + name + "\"");
        }
        return value.text().getBytes(StandardCharsets.UTF_8);
    }
}
