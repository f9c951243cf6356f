package io.cleave.tools;

import io.cleave.inspect.FileField;
import java.util.List;
import java.util.Locale;

/**
 * Writes what {@code inspect} finds, as an indented text or as one JSON object; the caller says the same to both. Belongs to
 * one thread.
 */
abstract class FieldOutput {
    /** Begins a part with a name. */
    abstract void begin(String name);

    /** Ends the part. */
    abstract void end();

    /** A field of the file. */
    abstract void field(FileField field);

    /** Something that is known of the part and is no field of its own. */
    abstract void fact(String name, Object value);

    /** Ends everything. */
    abstract void finish();

    final void fields(List<FileField> fields) {
        fields.forEach(this::field);
    }

    final void part(String name, List<FileField> fields) {
        begin(name);
        fields(fields);
        end();
    }

    static FieldOutput text(Terminal terminal, ByteForm form) {
        return new Text(terminal, form);
    }

    static FieldOutput json(Terminal terminal, FormOptions form) {
        return new Structured(terminal, form);
    }

    /** Indented lines: offset, length, name, value. */
    private static final class Text extends FieldOutput {
        private final Terminal terminal;
        private final ByteForm form;
        private String indent = "";

        Text(Terminal terminal, ByteForm form) {
            this.terminal = terminal;
            this.form = form;
        }

        @Override
        void begin(String name) {
            terminal.out().println(indent + PrintableText.of(name));
            indent += "  ";
        }

        @Override
        void end() {
            indent = indent.substring(2);
        }

        @Override
        void field(FileField field) {
            terminal.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%s@%-10d %5d  %-20s %s",
                            indent,
                            field.offset(),
                            field.bytes(),
                            field.name(),
                            shown(field.value())));
        }

        @Override
        void fact(String name, Object value) {
            terminal.out().println(indent + name + ": " + shown(value));
        }

        @Override
        void finish() {
            terminal.out().flush();
        }

        private String shown(Object value) {
            return value instanceof byte[] bytes ? form.show(bytes) : PrintableText.of(String.valueOf(value));
        }
    }

    /** One object: parts are objects in an array, fields an array of objects. */
    private static final class Structured extends FieldOutput {
        private final Terminal terminal;
        private final FormOptions form;
        private final Json json = new Json().array();

        Structured(Terminal terminal, FormOptions form) {
            this.terminal = terminal;
            this.form = form;
        }

        @Override
        void begin(String name) {
            json.object().field("part", name).name("items").array();
        }

        @Override
        void end() {
            json.endArray().endObject();
        }

        @Override
        void field(FileField field) {
            json.object().field("field", field.name()).field("offset", field.offset());
            json.field("bytes", field.bytes());
            value(field.value());
        }

        @Override
        void fact(String name, Object value) {
            json.object().field("fact", name);
            value(value);
        }

        @Override
        void finish() {
            terminal.out().println(json.endArray());
        }

        private void value(Object value) {
            json.name("value");
            if (value instanceof byte[] bytes) {
                form.write(json, bytes);
            } else {
                json.any(value);
            }
            json.endObject();
        }
    }
}
