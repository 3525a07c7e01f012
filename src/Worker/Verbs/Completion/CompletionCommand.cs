using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Completion;

/// <summary><c>completion</c>: a script for each shell.</summary>
internal static class CompletionCommand
{
    public static Command Build() => Verb.Group(
        "completion", "Write a script that completes verbs and options in a shell",
        Shell("bash", "For ~/.bashrc: source <(voice-worker completion bash)", CompletionScript.Bash),
        Shell("zsh", "For ~/.zshrc, after compinit: source <(voice-worker completion zsh)", CompletionScript.Zsh),
        Shell("fish", "For ~/.config/fish/config.fish: voice-worker completion fish | source", CompletionScript.Fish),
        Shell("pwsh", "For $PROFILE: voice-worker completion pwsh | Out-String | Invoke-Expression",
            CompletionScript.Pwsh));

    private static Command Shell(string name, string description, Func<IReadOnlyList<string>, string> script) =>
        Verb.Of(name, description, (_, _) =>
        {
            Console.WriteLine(script(OwnCommand()));
            return Task.FromResult(ExitCode.Ok);
        });

    // As this process was started: by dotnet, or by an executable of its own.
    private static string[] OwnCommand() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
        ? [path, Path.Combine(AppContext.BaseDirectory, $"{typeof(CompletionCommand).Assembly.GetName().Name}.dll")]
        : [Environment.ProcessPath ?? CompletionScript.Names[0]];
}

/// <summary>
/// Scripts that know no verb: they ask the worker itself what can come next, by its directive <c>[suggest]</c>. It
/// expects the line up to the cursor with its own name in front, whatever it is called in the shell, and answers with
/// whatever contains the word.
/// </summary>
internal static class CompletionScript
{
    /// <summary>The names that are completed: of an alias as the README has it, and of the executable.</summary>
    public static IReadOnlyList<string> Names { get; } = ["voice-worker", "VoiceWorker"];

    private static string NameList => string.Join(' ', Names);

    public static string Bash(IReadOnlyList<string> command) => $$"""
        _voice_worker() {
            local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} one
            line="VoiceWorker${line#"${COMP_WORDS[0]}"}"
            COMPREPLY=()
            while IFS= read -r one; do
                [[ $one == "$word"* ]] && COMPREPLY+=("$one")
            done < <({{Quote(command, "'\\''")}} "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _voice_worker {{NameList}}
        """;

    public static string Zsh(IReadOnlyList<string> command) => $$"""
        #compdef {{NameList}}
        _voice_worker() {
            local line="VoiceWorker ${(j: :)words[2,CURRENT-1]} $PREFIX"
            local -a found
            found=("${(@f)$({{Quote(command, "'\\''")}} "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- $found
        }
        compdef _voice_worker {{NameList}}
        """;

    public static string Fish(IReadOnlyList<string> command) => $$"""
        function __voice_worker
            set -l words (string split -m 1 ' ' -- (string trim -l -- (commandline -cp)))
            set -l line "VoiceWorker $words[2]"
            {{Quote(command, "\\'")}} "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        {{string.Join('\n', Names.Select(name => $"complete -c {name} -f -a '(__voice_worker)'"))}}
        """;

    public static string Pwsh(IReadOnlyList<string> command) => $$"""
        Register-ArgumentCompleter -Native -CommandName {{string.Join(", ", Names)}} -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $text = $commandAst.ToString()
            $line = 'VoiceWorker' + $text.Substring($commandAst.CommandElements[0].ToString().Length)
            if ($cursorPosition -gt $text.Length) { $line += ' ' }
            & {{Quote(command, "''")}} "[suggest:$($line.Length)]" "$line" 2>$null |
                Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    private static string Quote(IReadOnlyList<string> command, string quote) =>
        string.Join(' ', command.Select(part => $"'{part.Replace("'", quote, StringComparison.Ordinal)}'"));
}
