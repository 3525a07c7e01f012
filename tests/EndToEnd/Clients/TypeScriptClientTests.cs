using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>The TypeScript client, from a copy of its sources.</summary>
[FullRun]
public sealed class TypeScriptClientTests(TestServers servers) : IDisposable
{
    // The types of messages are compared with the schemas, which are in the same repository.
    private const string Copy = """
        mkdir -p "$2/clients/typescript" && ln -s "$1/docs" "$2/docs"
        tar -C "$1/clients/typescript" --exclude=./node_modules --exclude=./dist --exclude=./.local -cf - . |
            tar -C "$2/clients/typescript" -xf -
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("voice-worker-typescript-").FullName;

    [Fact]
    public async Task Its_own_tests_pass_on_a_real_RabbitMQ()
    {
        await Command.RunAsync(["sh", "-e", "-c", Copy, "sh", Repository.File("."), _folder], Token);
        var project = await NodeProject.InstallAsync(
            Path.Combine(_folder, "clients", "typescript"), Console.Error.WriteLine, Token);

        var output = await project.TestAsync([$"AMQP_URL={servers.AmqpUri}"], Token);

        Assert.Matches(@"\bpass [1-9]", output);
        Assert.Matches(@"\bfail 0\b", output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
