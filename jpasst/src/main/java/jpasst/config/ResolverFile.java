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
 * @param search the first words of the first search line, as many as can be used
 */
record ResolverFile(List<IpAddress> nameServers, List<String> search) {
    /** A file that says nothing. */
    static final ResolverFile EMPTY = new ResolverFile(List.of(), List.of());

    private static final String PATH = "/etc/resolv.conf";
    private static final String NAME_SERVER = "nameserver";
    private static final String SEARCH = "search";

    /** Reads the host's file. One that is not there or not readable names no resolver. */
    static ResolverFile read() {
        try (var file = new FileInputStream(PATH)) {
            return parse(new String(file.readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return EMPTY;
        }
    }

    /** Reads the text of a file. What is not understood is skipped. */
    static ResolverFile parse(String text) {
        var servers = new ArrayList<IpAddress>();
        List<String> search = null;
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            var line = text.substring(start, end);
            if (begins(line, NAME_SERVER)) {
                addAddress(servers, line);
            } else if (search == null && begins(line, SEARCH)) {
                search = words(line, SEARCH.length());
            }
            start = end + 1;
        }
        return new ResolverFile(List.copyOf(servers),
                search == null ? List.of() : List.copyOf(search));
    }

    private static boolean begins(String line, String keyword) {
        return line.startsWith(keyword) && line.length() > keyword.length()
                && isBlank(line.charAt(keyword.length()));
    }

    private static void addAddress(List<IpAddress> found, String line) {
        int after = skipBlanks(line, NAME_SERVER.length());
        int end = after;
        while (end < line.length() && !isBlank(line.charAt(end)) && line.charAt(end) != '%') {
            end++;
        }
        var address = IpAddress.tryParse(line.substring(after, end));
        if (address != null) {
            found.add(address);
        }
    }

    private static List<String> words(String line, int from) {
        var words = new ArrayList<String>();
        int start = skipBlanks(line, from);
        while (start < line.length() && words.size() < DnsOptions.MAXIMUM_DOMAINS) {
            int end = start;
            while (end < line.length() && !isBlank(line.charAt(end))) {
                end++;
            }
            words.add(line.substring(start, end));
            start = skipBlanks(line, end);
        }
        return words;
    }

    private static int skipBlanks(String line, int from) {
        int at = from;
        while (at < line.length() && isBlank(line.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
