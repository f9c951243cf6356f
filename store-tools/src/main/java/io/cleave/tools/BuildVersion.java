package io.cleave.tools;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the version in the jar's manifest and the Java it runs on. */
final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Cleave.class.getPackage().getImplementationVersion();
        return new String[] {
            "cleave " + (version == null ? "(built from sources)" : version) + ", Java " + Runtime.version()
        };
    }
}
