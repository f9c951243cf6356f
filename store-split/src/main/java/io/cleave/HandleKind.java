package io.cleave;

/** What can be opened and forgotten. */
enum HandleKind {
    CURSOR("cursor"),
    SNAPSHOT("snapshot"),
    BATCH("batch"),
    STORE("store");

    private final String noun;

    HandleKind(String noun) {
        this.noun = noun;
    }

    /** Its name in messages. */
    String noun() {
        return noun;
    }
}
