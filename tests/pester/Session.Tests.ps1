Describe 'Connect-NtnxPrismCentral' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $simulator = Start-TestSimulator
    }

    AfterAll {
        $simulator | Stop-NtnxPrismSimulator
    }

    AfterEach {
        Disconnect-NtnxPrismCentral -WarningAction SilentlyContinue
    }

    It 'connects with a user name and a password' {
        $session = Connect-NtnxPrismCentral -Server $simulator.Server -Credential $simulator.Credential
        $session.IsConnected | Should -BeTrue
        $session.UserName | Should -Be $simulator.Credential.UserName
        $session.ApiVersions.Keys | Should -Contain 'clustermgmt'
    }

    It 'connects with an API key' {
        (Connect-NtnxPrismCentral -Server $simulator.Server -ApiKey $simulator.ApiKey).UserName | Should -Be 'api key'
    }

    It 'takes a simulator from the pipeline' {
        ($simulator | Connect-NtnxPrismCentral).IsConnected | Should -BeTrue
    }

    It 'tells a wrong password from a server that is not there' {
        $wrong = [pscredential]::new('admin', (ConvertTo-SecureString 'not this one' -AsPlainText -Force))
        Connect-NtnxPrismCentral -Server $simulator.Server -Credential $wrong -ErrorVariable refused -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $refused[0].FullyQualifiedErrorId | Should -Be 'PrismAuthentication,CudaWasmNutanix.Commands.ConnectNtnxPrismCentralCommand'
        $refused[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
        $refused[0].TargetObject | Should -Be $simulator.Server

        Connect-NtnxPrismCentral -Server 'http://127.0.0.1:9' -Credential $wrong -MaxRetries 0 -ErrorVariable unreachable -ErrorAction SilentlyContinue
        $unreachable[0].FullyQualifiedErrorId | Should -Be 'PrismUnreachable,CudaWasmNutanix.Commands.ConnectNtnxPrismCentralCommand'
        $unreachable[0].CategoryInfo.Category | Should -Be 'ConnectionError'
    }

    It 'refuses a certificate that nobody vouches for, unless told to take any' {
        $key = [Security.Cryptography.RSA]::Create(2048)
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=localhost', $key, 'SHA256', [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $signed = $request.CreateSelfSigned([DateTimeOffset]::Now.AddDays(-1), [DateTimeOffset]::Now.AddDays(1))
        # Windows serves only certificates whose key it has stored.
        $certificate = [Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12($signed.Export('Pfx'), $null)
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $server = [powershell]::Create().AddScript({
                param($listener, $certificate)
                while ($true) {
                    try {
                        $client = $listener.AcceptTcpClient()
                        [Net.Security.SslStream]::new($client.GetStream()).AuthenticateAsServer($certificate)
                        $client.Close()
                    }
                    catch [InvalidOperationException], [Net.Sockets.SocketException] { return }
                    catch { $client.Close() }
                }
            }).AddArgument($listener).AddArgument($certificate)
        $null = $server.BeginInvoke()
        try {
            $common = @{ Server = "https://localhost:$($listener.LocalEndpoint.Port)"; Credential = $simulator.Credential; MaxRetries = 0; ErrorAction = 'SilentlyContinue' }
            Connect-NtnxPrismCentral @common -ErrorVariable untrusted | Should -BeNullOrEmpty
            $untrusted[0].FullyQualifiedErrorId | Should -Be 'PrismCertificate,CudaWasmNutanix.Commands.ConnectNtnxPrismCentralCommand'
            $untrusted[0].CategoryInfo.Category | Should -Be 'SecurityError'
            # The server hangs up after the handshake, so there is an error, but of another kind.
            Connect-NtnxPrismCentral @common -SkipCertificateCheck -ErrorVariable trusted
            $trusted[0].FullyQualifiedErrorId | Should -BeLike 'PrismUnreachable,*'
        }
        finally {
            $listener.Stop()
            $server.Dispose()
        }
    }

    It 'says what it does under -Verbose, without the secrets' {
        $wrong = [pscredential]::new('admin', (ConvertTo-SecureString 'sw0rdf1sh' -AsPlainText -Force))
        $words = @(
            Connect-NtnxPrismCentral -Server $simulator.Server -Credential $simulator.Credential -Verbose 4>&1
            Connect-NtnxPrismCentral -Server $simulator.Server -Credential $wrong -Verbose -ErrorAction Continue 4>&1 2>&1
        ) | Out-String
        $words | Should -Match 'GET api/clustermgmt/'
        foreach ($secret in 'sw0rdf1sh', $simulator.Credential.GetNetworkCredential().Password) {
            $words | Should -Not -Match ([regex]::Escape($secret))
            $words | Should -Not -Match ([regex]::Escape([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("admin:$secret"))))
        }
    }

    It 'fixes the API version that it is told to' {
        $session = Connect-NtnxPrismCentral -Server $simulator.Server -Credential $simulator.Credential -ApiVersion @{ vmm = 'v4.0' }
        $null = Get-NtnxGpuVm
        $session.ApiVersions['vmm'] | Should -Be 'v4.0'
    }

    It 'gives a clear error for <Kind>' -ForEach @(
        @{ Kind = 'Html'; Properties = @{ StatusCode = 200; Times = 50 } }
        @{ Kind = 'Redirect'; Properties = @{ Location = 'https://login.example.com/'; Times = 50 } }
        @{ Kind = 'CutJson'; Properties = @{ Times = 50 } }
    ) {
        Add-Fault $simulator $Kind $Properties
        try {
            Connect-NtnxPrismCentral -Server $simulator.Server -Credential $simulator.Credential -MaxRetries 0 -ErrorVariable broken -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $broken[0].FullyQualifiedErrorId | Should -Be 'PrismProtocol,CudaWasmNutanix.Commands.ConnectNtnxPrismCentralCommand'
            $broken[0].CategoryInfo.Category | Should -Be 'ProtocolError'
        }
        finally {
            $null = $simulator.Simulator.ClearFaults()
        }
    }
}

Describe 'Sessions' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $small = Start-TestSimulator @{ Hosts = 1 }
        $large = Start-TestSimulator @{ Hosts = 3; Seed = 8 }
    }

    AfterAll {
        $small, $large | Stop-NtnxPrismSimulator
    }

    It 'are asked for where there is none' {
        { Get-NtnxGpuHost } | Should -Throw -ErrorId 'NotConnected,CudaWasmNutanix.Commands.GetNtnxGpuHostCommand'
    }

    It 'are used as given, or else the one that was connected last' {
        $first = $small | Connect-NtnxPrismCentral
        $second = $large | Connect-NtnxPrismCentral
        @(Get-NtnxGpuHost).Count | Should -Be 3
        @(Get-NtnxGpuHost -Session $first).Count | Should -Be 1
        $second | Disconnect-NtnxPrismCentral
        @(Get-NtnxGpuHost).Count | Should -Be 1
        { Get-NtnxGpuHost -Session $second } | Should -Throw -ErrorId 'SessionClosed,*'
        Disconnect-NtnxPrismCentral
    }

    It 'stay open under -WhatIf' {
        $session = $small | Connect-NtnxPrismCentral
        Disconnect-NtnxPrismCentral -WhatIf
        $session.IsConnected | Should -BeTrue
        Disconnect-NtnxPrismCentral
        $session.IsConnected | Should -BeFalse
    }

    It 'belong to one runspace' {
        $null = $small | Connect-NtnxPrismCentral
        $shell = [powershell]::Create()
        $shell.AddScript("Import-Module '$modulePath'; Get-NtnxGpuHost").Invoke() | Should -BeNullOrEmpty
        $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        $shell.Dispose()
        Disconnect-NtnxPrismCentral
    }
}
