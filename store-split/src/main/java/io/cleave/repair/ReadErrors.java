package io.cleave.repair;

/** What a repair makes of a file that the operating system can't read. */
public enum ReadErrors {
    /** The repair ends with the error and nothing has changed: in a moment the file may be readable, with all that it holds. */
    END_THE_REPAIR,
    /** The file is damaged: it goes to {@code set-aside}. For a block that stays bad, which would refuse every repair. */
    ARE_DAMAGE
}
