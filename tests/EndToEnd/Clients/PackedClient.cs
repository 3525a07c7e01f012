using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>A client's package in its files, as <c>./pack</c> leaves them.</summary>
internal static class PackedClient
{
    /// <summary>Builds it and returns the files.</summary>
    /// <param name="client">Of clients/.</param>
    /// <param name="folder">Gets them.</param>
    /// <param name="environment">Of the build, as NAME=VALUE.</param>
    public static async Task<IReadOnlyList<string>> FilesAsync(string client, string folder, params string[] environment)
    {
        var printed = await Command.RunAsync(
            ["env", .. environment, Repository.File("pack"), client, "-o", folder],
            TestContext.Current.CancellationToken);
        return printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
