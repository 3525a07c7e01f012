using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Integration.Hosting;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>What an operator reads when a server is away, refuses, or is another than was meant: no name of a .NET
/// type, no stack trace, no advice for whoever debugs a client.</summary>
public sealed partial class OperatorWordsTests(TestServers servers)
{
    [Theory]
    [FullRunData("run --Boot:Timeout=00:00:01")]
    [FullRunData("migrate")]
    [FullRunData("migrate --plan")]
    [FullRunData("verify")]
    [InlineData("doctor")]
    [FullRunData("status")]
    [InlineData("dead-letters list")]
    [FullRunData("dead-letters replay --all")]
    [FullRunData("dead-letters discard --all --yes")]
    [FullRunData("audit list --business 1")]
    [FullRunData("audit verify")]
    [FullRunData("audit replay --business 1 --to-queue audit")]
    public async Task No_failure_of_a_server_is_told_with_a_type_of_NET(string verb)
    {
        await using var database = await servers.Migrated.CopyAsync(1);
        using var silent = new Stranger("");
        using var web = new Stranger("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        foreach (var (postgres, rabbitMq) in Ways(database.WorkerConnectionString, silent.Port, web.Port))
        {
            var (code, output) = await HostedVerb.RunAsync(
                new Dictionary<string, string>
                {
                    ["ConnectionStrings__Postgres"] = postgres, ["ConnectionStrings__RabbitMq"] = rabbitMq,
                },
                verb.Split(' '));

            Assert.True(code is 0 or 2 or 3 or 7 or 10, $"{verb}: {code} with {postgres}, {rabbitMq}: {output}");
            Assert.DoesNotMatch(OfNet(), $"{postgres} {rabbitMq}: {output}");
        }
    }

    private IEnumerable<(string Postgres, string RabbitMq)> Ways(string good, int silent, int web)
    {
        var (broker, closed) = (servers.AmqpUri, FreePort.Next());
        yield return (good, $"amqp://guest:guest@127.0.0.1:{closed}/");
        yield return (good, "amqp://guest:guest@no-such-host.invalid/");
        yield return (good, $"amqp://guest:guest@127.0.0.1:{new NpgsqlConnectionStringBuilder(good).Port}/");
        yield return (good, $"amqp://guest:guest@127.0.0.1:{silent}/");
        yield return (good, $"amqp://guest:guest@127.0.0.1:{web}/");
        yield return (good, $"amqps://guest:guest@127.0.0.1:{broker.Port}/");
        yield return (good, $"amqps://guest:guest@127.0.0.1:{web}/");
        yield return (good, $"amqp://guest:guest@127.0.0.1:{broker.Port}/no-such-host");
        yield return (good, $"amqp://guest:wrong@127.0.0.1:{broker.Port}/");
        yield return (good, $"amqp://guest:guest@127.0.0.1:{closed},127.0.0.1:{web}/");
        foreach (var change in new[]
        {
            $"Port={closed}", "Host=no-such-host.invalid", "Host=/nowhere", $"Port={broker.Port}", $"Port={silent}",
            $"Port={web}", $"Port={web};SSL Mode=Require", "SSL Mode=VerifyFull", "Password=wrong", "Database=nowhere",
            $"Host=127.0.0.1:{closed},127.0.0.1:{web}", "Options=-c no_such_setting=1",
            "Root Certificate=/nowhere;SSL Mode=VerifyCA",
        })
            yield return ($"{good};{change}", broker.ToString());
    }

    [GeneratedRegex(
        @"\w*Exception\b|inner exception|disposed object|Object reference|^   at |System\.|Npgsql\.|RabbitMQ\.Client"
        + @"|MassTransit\.", RegexOptions.Multiline)]
    internal static partial Regex OfNet();

    /// <summary>A server of another kind.</summary>
    private sealed class Stranger : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly byte[] _greeting;

        public Stranger(string greeting)
        {
            _greeting = Encoding.ASCII.GetBytes(greeting);
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        // Hears something, says the same to everybody, and hangs up.
        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await client.GetStream().ReadAtLeastAsync(new byte[8], 1, throwOnEndOfStream: false);
                    await client.GetStream().WriteAsync(_greeting);
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or IOException)
            {
            }
        }
    }
}
