// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;

/**
 * The resolvers of the host, from resolv.conf(5).
 *
 * @param nameServers valid addresses, in the order of the file; a zone index is cut off
 */
record ResolverFile(List<IpAddress> nameServers) {
    private static final String PATH = "/etc/resolv.conf";
    private static final String KEYWORD = "nameserver";

    /** Reads the host's file. One that is not there or not readable names no resolver. */
    static ResolverFile read() {
        try (var file = new FileInputStream(PATH)) {
            return parse(new String(file.readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return new ResolverFile(List.of());
        }
    }

    /** Reads the text of a file. What is not understood is skipped. */
    static ResolverFile parse(String text) {
        var found = new ArrayList<IpAddress>();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            var address = nameServer(text.substring(start, end));
            if (address != null) {
                found.add(address);
            }
            start = end + 1;
        }
        return new ResolverFile(List.copyOf(found));
    }

    private static IpAddress nameServer(String line) {
        int after = KEYWORD.length();
        if (!line.startsWith(KEYWORD) || line.length() == after || !isBlank(line.charAt(after))) {
            return null;
        }
        while (after < line.length() && isBlank(line.charAt(after))) {
            after++;
        }
        int end = after;
        while (end < line.length() && !isBlank(line.charAt(end)) && line.charAt(end) != '%') {
            end++;
        }
        return IpAddress.tryParse(line.substring(after, end));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
