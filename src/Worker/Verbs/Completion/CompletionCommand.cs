using System.CommandLine;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Completion;

/// <summary><c>completion</c>: a script for each shell.</summary>
internal static class CompletionCommand
{
    /// <summary>The command with its four verbs.</summary>
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
        ? [path, typeof(CompletionCommand).Assembly.Location]
        : [Environment.ProcessPath ?? CompletionScript.Names[0]];
}
