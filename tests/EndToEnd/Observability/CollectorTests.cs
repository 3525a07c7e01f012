using System.Net.Sockets;
using System.Text;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Observability;

/// <summary>What the tests of traces lean on.</summary>
public sealed class CollectorTests
{
    [Theory]
    [InlineData("Content-Length: 100\r\n\r\nhalf of it")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n64\r\nhalf of it")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nno length\r\n")]
    public async Task An_export_that_is_cut_off_hinders_no_other(string rest)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var collector = new Collector();
        using (var cut = new TcpClient(collector.Address.Host, collector.Address.Port))
        {
            await cut.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"POST /v1/traces HTTP/1.1\r\nHost: {collector.Address.Authority}\r\n{rest}"), cancellationToken);
        }

        using var http = new HttpClient();
        using var whole = await http.PostAsync(
            new Uri(collector.Address, "/v1/metrics"), new ByteArrayContent([]), cancellationToken);

        Assert.True(whole.IsSuccessStatusCode);
        Assert.Equal(1, collector.Metrics);
    }
}
