// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** Makes the completion function for zsh, of both programs, from the option table. */
final class ZshCompletion {
    private static final String SCRIPT = """
            #compdef passt pasta
            # SPDX-License-Identifier: Apache-2.0
            # Completes command lines of passt and pasta in zsh. Made from the option table.

            _jpasst_interfaces() {
                local -a names=(/sys/class/net/*(N:t))
                _wanted interfaces expl interface compadd -a names
            }

            _jpasst_namespaces() {
                local -a names=(/run/netns/*(N:t))
                _alternative 'names:named namespace:compadd -a names' 'files:path:_files'
            }

            _jpasst_users() {
                if compset -P '*:'; then _groups; else _users -S ''; fi
            }

            local expl
            case $service in
                *pasta*)
                    _arguments -s -S \\
            @pasta@            '(-)1: :_command_names -e' \\
                        '*:: :_normal'
                    ;;
                *)
                    _arguments -s -S \\
            @passt@            && return 0
                    ;;
            esac
            """;

    private ZshCompletion() {
    }

    /** The function. */
    static String script() {
        return SCRIPT.replace("@pasta@", specs(Mode.PASTA)).replace("@passt@", specs(Mode.PASST));
    }

    private static String specs(Mode mode) {
        var text = new StringBuilder();
        for (var option : Option.values()) {
            if (option.support() == OptionSupport.NOT_YET || !option.scope().includes(mode)) {
                continue;
            }
            var name = "--" + option.longName() + (option.takesValue() ? "=" : "");
            if (option.letter() != 0) {
                append(text, option, "-" + option.letter() + (option.takesValue() ? "+" : ""),
                        mode);
            }
            append(text, option, name, mode);
        }
        return text.toString();
    }

    /** One specification as _arguments takes it. */
    private static void append(StringBuilder text, Option option, String name, Mode mode) {
        var spec = new StringBuilder();
        if (isRepeatable(option)) {
            spec.append('*');
        } else if (option.letter() != 0) {
            spec.append("(-").append(option.letter()).append(" --").append(option.longName())
                    .append(')');
        }
        spec.append(name).append('[').append(option.help()).append(']');
        if (option.takesValue()) {
            spec.append(':').append(option.placeholder().replace(":", "\\:")).append(':')
                    .append(action(option, mode));
        }
        text.append("            '").append(spec.toString().replace("'", "'\\''"))
                .append("' \\\n");
    }

    /** Whether giving it again adds to what was given: another family, port or name. */
    private static boolean isRepeatable(Option option) {
        return option.takesValue() && (option.placeholder().startsWith("ADDR")
                || option.placeholder().startsWith("DOMAIN")
                || ValueKind.of(option) == ValueKind.PORTS);
    }

    private static String action(Option option, Mode mode) {
        return switch (ValueKind.of(option)) {
            case NONE, FREE -> " ";
            case OPTIONAL -> "(none)";
            case FILE -> "_files";
            case NAMESPACE -> "_jpasst_namespaces";
            case INTERFACE -> "_jpasst_interfaces";
            case USER -> "_jpasst_users";
            case PORTS -> mode == Mode.PASTA ? "(none auto all)" : "(none all)";
        };
    }
}
