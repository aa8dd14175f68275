// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.Locale;

/** Makes the programmable completion for bash, from the option table. It needs no library. */
final class BashCompletion {
    private static final String SCRIPT = """
            # SPDX-License-Identifier: Apache-2.0
            # Completes command lines of @program@ in bash. Made from the option table.

            _jpasst_@program@_options='@options@'

            # Sets "kind" to what the value of option $1 is, to nothing if it takes none. A long
            # name may be cut as long as it is unique.
            _jpasst_@program@_kind()
            {
                local name=$1 names
                if [[ $name == --* && " $_jpasst_@program@_options " != *" $name "* ]]; then
                    names=($(compgen -W "$_jpasst_@program@_options" -- "$name"))
                    ((${#names[@]} == 1)) && name=${names[0]}
                fi
                case $name in
            @kinds@        *) kind= ;;
                esac
            }

            # Completes value $1 of the kind "kind". Names of the system's are in single quotes for
            # compgen, which would expand what they have, and read by lines, for their blanks.
            _jpasst_@program@_value()
            {
                local value=$1
                case $kind in
                    file)
                        compopt -o filenames 2>/dev/null
                        mapfile -t COMPREPLY < <(compgen -f -- "$value")
                        ;;
                    namespace)
                        compopt -o filenames 2>/dev/null
                        mapfile -t COMPREPLY < <(compgen -f -- "$value"
                            compgen -W '$(command ls /run/netns 2>/dev/null)' -- "$value")
                        ;;
                    interface)
                        mapfile -t COMPREPLY < <(
                            compgen -W '$(command ls /sys/class/net)' -- "$value")
                        ;;
                    user)
                        case $value in
                            *:*) COMPREPLY=($(compgen -g -P "${value%%:*}:" -- "${value#*:}")) ;;
                            *) COMPREPLY=($(compgen -u -- "$value")) ;;
                        esac
                        ;;
                    ports) COMPREPLY=($(compgen -W '@ports@' -- "$value")) ;;
                    optional) COMPREPLY=($(compgen -W none -- "$value")) ;;
                esac
                # Readline keeps what is before a colon.
                if [[ $value == *:* && $COMP_WORDBREAKS == *:* ]]; then
                    COMPREPLY=("${COMPREPLY[@]#"${value%"${value##*:}"}"}")
                fi
            }

            _jpasst_@program@()
            {
                local IFS=$' \\t\\n' kind= word line=$COMP_LINE rest i letters operand=
                local -a words=() places=()
                COMPREPLY=()
                # Readline takes = and : for separate words: together again, by the line itself.
                for ((i = 0; i <= COMP_CWORD; i++)); do
                    rest=${line#"${line%%[![:space:]]*}"}
                    if ((i > 0)) && [[ $rest == "$line" ]]; then
                        words[${#words[@]} - 1]+=${COMP_WORDS[i]}
                    else
                        words+=("${COMP_WORDS[i]}")
                        places+=("$i")
                    fi
                    line=${rest#"${COMP_WORDS[i]}"}
                done
                local last=$((${#words[@]} - 1))
                local current=${words[last]}
                for ((i = 1; i < last; i++)); do
                    word=${words[i]}
                    case $word in
                        --) operand=$((i + 1)); break ;;
                        --*=*) ;;
                        --*)
                            _jpasst_@program@_kind "$word"
                            [[ -z $kind ]] || ((++i))
                            ;;
                        -?*)
                            kind=
                            for ((letters = 1; letters < ${#word}; letters++)); do
                                _jpasst_@program@_kind "-${word:letters:1}"
                                [[ -z $kind ]] || break
                            done
                            [[ -z $kind ]] || ((letters < ${#word} - 1)) || ((++i))
                            ;;
                        *) operand=$i; break ;;
                    esac
                done
                if [[ -z $operand ]] && ((i > last)); then
                    _jpasst_@program@_value "$current"
                elif [[ -z $operand && $current == --*=* ]]; then
                    _jpasst_@program@_kind "${current%%=*}"
                    _jpasst_@program@_value "${current#*=}"
                    [[ $COMP_WORDBREAKS == *=* ]] ||
                        COMPREPLY=("${COMPREPLY[@]/#/"${current%%=*}="}")
                elif [[ -z $operand && $current == -* ]]; then
                    COMPREPLY=($(compgen -W "$_jpasst_@program@_options" -- "$current"))
            @operand@    fi
            }

            complete -F _jpasst_@program@ @program@
            """;
    /** pasta: a command with its own arguments. */
    private static final String COMMAND = """
                elif ((${operand:-$last} == last)); then
                    mapfile -t COMPREPLY < <(compgen -c -- "$current"
                        [[ $current != */* ]] || compgen -f -- "$current")
                elif declare -F _command_offset >/dev/null; then
                    _command_offset "${places[operand]}"
                else
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$current")
            """;
    /** passt takes none. */
    private static final String NO_OPERAND = """
                elif [[ -z $operand && -z $current ]]; then
                    COMPREPLY=($(compgen -W "$_jpasst_passt_options"))
            """;

    private BashCompletion() {
    }

    /** The script for one program. */
    static String script(Mode mode) {
        var names = new StringBuilder();
        var kinds = new StringBuilder();
        for (var kind : ValueKind.values()) {
            var pattern = new StringBuilder();
            for (var option : Option.values()) {
                if (option.support() == OptionSupport.NOT_YET || !option.scope().includes(mode)
                        || ValueKind.of(option) != kind) {
                    continue;
                }
                var both = (option.letter() == 0 ? "" : "-" + option.letter() + " ")
                        + "--" + option.longName();
                names.append(names.isEmpty() ? "" : " ").append(both);
                pattern.append(pattern.isEmpty() ? "" : "|").append(both.replace(' ', '|'));
            }
            if (kind != ValueKind.NONE && !pattern.isEmpty()) {
                kinds.append("        ").append(pattern).append(") kind=")
                        .append(kind.name().toLowerCase(Locale.ROOT)).append(" ;;\n");
            }
        }
        return SCRIPT.replace("@options@", names).replace("@kinds@", kinds)
                .replace("@operand@", mode == Mode.PASTA ? COMMAND : NO_OPERAND)
                .replace("@ports@", mode == Mode.PASTA ? "none auto all" : "none all")
                .replace("@program@", mode.toString());
    }
}
