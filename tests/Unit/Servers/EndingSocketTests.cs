using System.Net;
using System.Net.Sockets;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Unit.Servers;

/// <summary>A peer that ends the connection in the middle of a frame.</summary>
public sealed class EndingSocketTests
{
    [Theory]
    [InlineData(new byte[] { 21, 3, 3 })]
    [InlineData(new byte[] { 21, 3, 3, 0, 2, 2, 70 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 1, 0, 0, 10 })]
    public async Task Half_a_frame_and_the_end_are_an_end(byte[] half)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var servers = new ConnectionOptions { RabbitMq = $"amqp://127.0.0.1:{port}/" };

        var opening = RabbitConnection.OpenAsync(servers, "test", TestContext.Current.CancellationToken);
        using (var peer = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            var header = new byte[8];
            await peer.GetStream().ReadExactlyAsync(header, TestContext.Current.CancellationToken);
            await peer.GetStream().WriteAsync(half, TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAnyAsync<Exception>(
            () => opening.WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken));
        Assert.True(opening.IsFaulted);
    }
}
