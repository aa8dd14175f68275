// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.FutureTask;
import jpasst.linux.Capabilities;
import org.junit.jupiter.api.Test;

/** On threads of their own, since there is no way back. Needs root. */
class PrivilegesTest {
    private static final long NET_ADMIN = 1L << Capabilities.CAP_NET_ADMIN;

    private static Capabilities after(Runnable change) throws Exception {
        var left = new FutureTask<>(() -> {
            change.run();
            return Capabilities.ofThread();
        });
        new Thread(left).start();
        return left.get();
    }

    @Test
    void dropsOneCapabilityOfOneThread() throws Exception {
        var old = Capabilities.ofThread();
        assertTrue(old.has(Capabilities.CAP_NET_ADMIN), "needs root");
        assertEquals(new Capabilities(old.effective() & ~NET_ADMIN, old.permitted() & ~NET_ADMIN,
                old.inheritable() & ~NET_ADMIN), after(Isolation::leaveNetworkAlone));
        assertEquals(old, Capabilities.ofThread());
    }

    @Test
    void keepsOnlyWhatItHas() throws Exception {
        long bind = 1L << Capabilities.CAP_NET_BIND_SERVICE;
        assertEquals(new Capabilities(bind, bind, 0), after(() -> Privileges.keep(bind)));
        assertEquals(new Capabilities(0, 0, 0), after(() -> {
            Privileges.keep(NET_ADMIN);
            Privileges.keep(bind);
        }));
    }
}
