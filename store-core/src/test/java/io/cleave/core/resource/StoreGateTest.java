package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import org.junit.jupiter.api.Test;

final class StoreGateTest {
    private final StoreGate gate = new StoreGate("here");
    private final RuntimeException cause = new IllegalStateException("the disk is gone");

    private void requireWritesRefused() {
        StoreException.Poisoned refused = assertThrows(StoreException.Poisoned.class, gate::requireWritable);
        assertSame(cause, refused.getCause());
        assertEquals("store here refuses writes until it is reopened: the disk is gone", refused.getMessage());
    }

    @Test
    void anOpenStoreTakesEverything() {
        assertEquals(StoreState.OPENING, gate.state());
        assertFalse(gate.isAtWork() || gate.hasOpened());
        gate.opened();
        assertEquals(StoreState.OPEN, gate.state());
        assertTrue(gate.isAtWork() && gate.hasOpened());
        gate.requireWritable();
        gate.requireAccepting();
    }

    @Test
    void aPoisonedOneIsReadAndKeepsItsFirstCause() {
        gate.opened();
        gate.poison(cause);
        gate.poison(new IllegalStateException("another"));
        assertEquals(StoreState.POISONED, gate.state());
        gate.requireOpen();
        gate.requireAccepting();
        requireWritesRefused();
        assertFalse(gate.isAtWork());
    }

    @Test
    void aDrainedOneTakesNoHandlesAndWritesUnlessItIsPoisoned() {
        gate.opened();
        gate.drain();
        gate.requireWritable();
        assertTrue(gate.isAtWork());
        StoreClosedException refused = assertThrows(StoreClosedException.class, gate::requireAccepting);
        assertEquals("store here is closing: it opens no cursor, snapshot or batch", refused.getMessage());
        gate.poison(cause);
        assertEquals(StoreState.DRAINING, gate.state());
        requireWritesRefused();
        assertThrows(StoreClosedException.class, gate::requireAccepting);
    }

    @Test
    void aPoisonedOneMayBeDrained() {
        gate.opened();
        gate.poison(cause);
        gate.drain();
        assertEquals(StoreState.DRAINING, gate.state());
        requireWritesRefused();
    }

    @Test
    void oneThatWasPoisonedBeforeItWasOpenComesUpPoisoned() {
        gate.poison(cause);
        assertEquals(StoreState.OPENING, gate.state());
        gate.opened();
        assertEquals(StoreState.POISONED, gate.state());
    }

    @Test
    void oneCallerClosesForGood() {
        gate.opened();
        assertTrue(gate.close());
        assertFalse(gate.close());
        gate.poison(cause);
        gate.drain();
        assertEquals(StoreState.CLOSED, gate.state());
        assertEquals("closed", gate.toString());
        assertTrue(gate.hasOpened());
        assertEquals(
                "store here is closed",
                assertThrows(StoreClosedException.class, gate::requireOpen).getMessage());
        assertThrows(StoreClosedException.class, gate::requireWritable);
        assertThrows(StoreClosedException.class, gate::requireAccepting);
    }

    @Test
    void anOpenThatFailsClosesAStoreThatHasNeverOpened() {
        assertTrue(gate.close());
        assertFalse(gate.hasOpened());
    }
}
