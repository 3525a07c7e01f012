using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceWorker.Infrastructure.Network;

namespace VoiceWorker.Tests.Unit.Network;

/// <summary>Moments at which a proxy holds back what a side says.</summary>
public sealed class HoldTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<IDisposable> _sockets = [];
    private FaultProxy _proxy = null!;

    [Fact]
    public async Task A_moment_that_never_comes_names_the_cue_that_is_missing()
    {
        var hold = _proxy.HoldBack(
            "commit of sequences", Side.Client,
            Cue.Says(Side.Client, "first"), Cue.Runs("sequence"), Cue.IsCommitted("sequence"));
        var (client, server) = await ConnectAsync();
        await SayAsync(client, server, "the first");
        await SayAsync(client, server, "the second");
        await SayAsync(await ConnectAsync(), "nothing");

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => hold.ReachedAsync(TimeSpan.Zero, Token));

        Assert.Equal(
            "the moment 'commit of sequences' never came: heard 1 of 3 cues on 2 connections; "
            + "waiting for the statement marked 'sequence'", failure.Message);
    }

    [Fact]
    public async Task A_moment_that_only_lacks_what_is_to_be_held_says_so()
    {
        var hold = _proxy.HoldBack("answer", Side.Server, Cue.Says(Side.Client, "question"));
        var (client, server) = await ConnectAsync();
        await SayAsync(client, server, "question");

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => hold.ReachedAsync(TimeSpan.Zero, Token));

        Assert.Equal(
            "the moment 'answer' never came: heard 1 of 1 cues on 1 connections; waiting for what is to be held",
            failure.Message);
    }

    [Fact]
    public async Task What_follows_the_last_cue_is_held_until_it_is_released()
    {
        var hold = _proxy.HoldBack("answer", Side.Server, Cue.Says(Side.Client, "quest"), Cue.Says(Side.Client, "ion"));
        var (client, server) = await ConnectAsync();
        await SayAsync(client, server, "que");
        await SayAsync(client, server, "stion");
        await server.WriteAsync("answer"u8.ToArray(), Token);
        await hold.ReachedAsync(Patience, Token);

        hold.Release();

        Assert.Equal("answer", await HearAsync(client, "answer".Length));
    }

    /// <inheritdoc />
    public ValueTask InitializeAsync()
    {
        _listener.Start();
        _proxy = new FaultProxy("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _sockets.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }

    private async Task<(NetworkStream Client, NetworkStream Server)> ConnectAsync()
    {
        var client = new TcpClient();
        _sockets.Add(client);
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, Token);
        var server = await _listener.AcceptTcpClientAsync(Token);
        _sockets.Add(server);
        return (client.GetStream(), server.GetStream());
    }

    private static Task SayAsync((NetworkStream Client, NetworkStream Server) ends, string text) =>
        SayAsync(ends.Client, ends.Server, text);

    // Heard by the proxy once the server has it.
    private static async Task SayAsync(NetworkStream client, NetworkStream server, string text)
    {
        await client.WriteAsync(Encoding.ASCII.GetBytes(text), Token);
        Assert.Equal(text, await HearAsync(server, text.Length));
    }

    private static async Task<string> HearAsync(NetworkStream from, int length)
    {
        var heard = new byte[length];
        await from.ReadExactlyAsync(heard, Token).AsTask().WaitAsync(Patience, Token);
        return Encoding.ASCII.GetString(heard);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
