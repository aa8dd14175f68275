// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.lang.reflect.Method;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs the test methods of a class, one by one, on one thread in one {@link NetworkSandbox}. What
 * runs before and after each test, constructors included, runs outside.
 */
public final class InSandbox implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private volatile boolean ended;
    private volatile Throwable broken;
    private Thread thread;

    @Override
    public void beforeAll(ExtensionContext context) {
        thread = new Thread(this::serve, "sandbox of " + context.getDisplayName());
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try {
            NetworkSandbox.inside(() -> {
                while (!ended) work.take().run();
            });
        } catch (Throwable e) {
            broken = e;
            for (Runnable left = work.poll(); left != null || !ended; left = work.poll()) {
                if (left == null) Thread.onSpinWait();
                else left.run();
            }
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        ended = true;
        work.add(() -> { });
        thread.join();
    }

    @Override
    public void interceptTestMethod(Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        inside(invocation);
    }

    @Override
    public void interceptTestTemplateMethod(Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        inside(invocation);
    }

    private void inside(Invocation<Void> invocation) throws Throwable {
        var result = new LinkedBlockingQueue<Object>();
        work.add(() -> {
            try {
                if (broken != null) throw broken;
                invocation.proceed();
                result.add("done");
            } catch (Throwable e) {
                result.add(e);
            }
        });
        if (result.take() instanceof Throwable failure) throw failure;
    }
}
