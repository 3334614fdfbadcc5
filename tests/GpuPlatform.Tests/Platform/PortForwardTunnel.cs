using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GpuPlatform.Tests.Platform;

/// <summary>
/// The server's side of kubectl port-forward: SPDY/3.1 frames on an upgraded connection. For each connection kubectl opens a
/// stream for errors and one for data, in this order; what goes through the latter is passed to and from a TCP port.
/// </summary>
internal sealed class PortForwardTunnel(Stream client, IPEndPoint target) : IDisposable
{
    private const int SynStream = 1;
    private const int SynReply = 2;
    private const int Ping = 6;
    private const byte Fin = 1;

    // No headers: a count of 0 in a stored deflate block, and an empty one that flushes. The first of a connection begins the zlib
    // stream, which names the dictionary of SPDY/3 by its checksum.
    private static readonly byte[] NoHeaders = [0x00, 0x04, 0x00, 0xFB, 0xFF, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xFF, 0xFF];
    private static readonly byte[] FirstNoHeaders = [0x78, 0xBB, 0xE3, 0xC6, 0xA7, 0xC2, .. NoHeaders];

    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<int, TcpClient> _connections = [];
    private bool _hasReplied;

    public static async Task ServeAsync(HttpContext context, IPEndPoint target)
    {
        IHttpUpgradeFeature? upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (context.Request.Headers.Upgrade != "SPDY/3.1" || upgrade is not { IsUpgradableRequest: true })
        {
            // kubectl asks for a web socket first and then falls back.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        context.Response.Headers["Upgrade"] = "SPDY/3.1";
        context.Response.Headers["X-Stream-Protocol-Version"] = "portforward.k8s.io";
        using var tunnel = new PortForwardTunnel(await upgrade.UpgradeAsync(), target);
        await tunnel.RunAsync();
    }

    public void Dispose()
    {
        foreach (TcpClient connection in _connections.Values)
        {
            connection.Dispose();
        }

        _writing.Dispose();
    }

    private async Task RunAsync()
    {
        byte[] head = new byte[8];
        try
        {
            while (true)
            {
                await client.ReadExactlyAsync(head);
                byte[] body = new byte[(head[5] << 16) | (head[6] << 8) | head[7]];
                await client.ReadExactlyAsync(body);
                if ((head[0] & 0x80) == 0)
                {
                    await ForwardAsync(BinaryPrimitives.ReadInt32BigEndian(head), body, isLast: (head[4] & Fin) != 0);
                    continue;
                }

                switch (BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(2)))
                {
                    case SynStream:
                        await OpenAsync(BinaryPrimitives.ReadInt32BigEndian(body) & int.MaxValue);
                        break;
                    case Ping:
                        await WriteAsync([.. head, .. body]);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // kubectl has ended.
        }
    }

    private async Task OpenAsync(int stream)
    {
        byte[] headers = _hasReplied ? NoHeaders : FirstNoHeaders;
        _hasReplied = true;
        byte[] reply = new byte[12 + headers.Length];
        BinaryPrimitives.WriteInt32BigEndian(reply, unchecked((int)0x80030000) | SynReply);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(4), 4 + headers.Length);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(8), stream);
        headers.CopyTo(reply, 12);
        await WriteAsync(reply);

        // A client's streams have odd numbers: errors 1, data 3, errors 5, data 7.
        if (stream % 4 == 3)
        {
            var connection = new TcpClient();
            await connection.ConnectAsync(target);
            _connections[stream] = connection;
            _ = ReturnAsync(stream, connection.GetStream());
        }
    }

    private async Task ForwardAsync(int stream, byte[] data, bool isLast)
    {
        if (!_connections.TryGetValue(stream, out TcpClient? connection))
        {
            return;
        }

        await connection.GetStream().WriteAsync(data);
        if (isLast)
        {
            connection.Client.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task ReturnAsync(int stream, NetworkStream from)
    {
        byte[] buffer = new byte[16384];
        try
        {
            for (int read; (read = await from.ReadAsync(buffer)) > 0;)
            {
                await WriteAsync(Data(stream, buffer.AsSpan(0, read), 0));
            }

            await WriteAsync(Data(stream, [], Fin));
            await WriteAsync(Data(stream - 2, [], Fin));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One of both ends has gone.
        }
    }

    private static byte[] Data(int stream, ReadOnlySpan<byte> data, byte flags)
    {
        byte[] frame = new byte[8 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, stream);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), data.Length);
        frame[4] = flags;
        data.CopyTo(frame.AsSpan(8));
        return frame;
    }

    private async Task WriteAsync(byte[] frame)
    {
        await _writing.WaitAsync();
        try
        {
            await client.WriteAsync(frame);
            await client.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }
    }
}
