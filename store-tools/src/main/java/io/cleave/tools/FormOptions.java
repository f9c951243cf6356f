package io.cleave.tools;

import picocli.CommandLine.Option;

/** The options for how keys and values are given and shown. */
final class FormOptions {
    @Option(names = "--hex", description = "Keys and values are hexadecimal digits, in arguments and in the output.")
    private boolean hex;

    @Option(names = "--json", description = "Write JSON; bytes that are no UTF-8 become {\"hex\":\"...\"}.")
    private boolean json;

    ByteForm form() {
        return hex ? ByteForm.HEX : ByteForm.TEXT;
    }

    boolean isJson() {
        return json;
    }

    /** A key or value in a JSON text. */
    void write(Json to, byte[] bytes) {
        if (hex) {
            to.object().name("hex").value(ByteForm.HEX.show(bytes)).endObject();
        } else {
            to.bytes(bytes);
        }
    }
}
