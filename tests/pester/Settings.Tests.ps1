Describe 'Settings and credentials' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $simulator = Start-TestSimulator @{ GpuModel = 'MI210', 'A40'; GpusPerHost = 4; Vms = 0 }
        $password = $simulator.Credential.GetNetworkCredential().Password
        $key = [Net.NetworkCredential]::new('', $simulator.ApiKey).Password
        function Write-Config([string] $Text) {
            $file = Join-Path $TestDrive 'cuda-wasm-nutanix.toml'
            Set-Content $file $Text
            $file
        }
    }

    AfterAll { $simulator | Stop-NtnxPrismSimulator }

    AfterEach {
        'NUTANIX_USERNAME', 'NUTANIX_PASSWORD', 'NUTANIX_API_KEY' | ForEach-Object { Remove-Item "Env:$_" -ErrorAction Ignore }
        Remove-Item (Join-Path $TestDrive '*.toml') -ErrorAction Ignore
    }

    It 'takes the credential from the environment' {
        $env:NUTANIX_USERNAME = $simulator.UserName
        $env:NUTANIX_PASSWORD = $password
        $session = Connect-NtnxPrismCentral $simulator.Server
        $session.UserName | Should -Be $simulator.UserName
        $session | Disconnect-NtnxPrismCentral
        $env:NUTANIX_API_KEY = $key
        $session = Connect-NtnxPrismCentral $simulator.Server
        $session.UserName | Should -Be 'api key'
        $session | Disconnect-NtnxPrismCentral
    }

    It 'says where it looked when there is none' {
        Connect-NtnxPrismCentral $simulator.Server -ErrorVariable none -ErrorAction SilentlyContinue
        $none[0].Exception.Message | Should -Match 'NUTANIX_API_KEY'
    }

    It 'reads the configuration file, and a secret file that only the owner can read' {
        $secret = Join-Path $TestDrive secret
        Set-Content $secret $password
        if (-not $IsWindows) { chmod 600 $secret }
        $config = Write-Config @"
[nutanix]
server = "$($simulator.Server)"
username = "$($simulator.UserName)"
secret_path = "secret"
max_retries = 1
"@
        $session = Connect-NtnxPrismCentral -ConfigPath $config
        $session.IsConnected | Should -BeTrue
        $session | Disconnect-NtnxPrismCentral
        Push-Location $TestDrive
        try {
            $session = Connect-NtnxPrismCentral
            $session.IsConnected | Should -BeTrue -Because 'the working folder is looked in'
            $session | Disconnect-NtnxPrismCentral
        }
        finally { Pop-Location }
    }

    It 'refuses a secret file that others can read' -Skip:$IsWindows {
        $secret = Join-Path $TestDrive open
        Set-Content $secret $password
        chmod 644 $secret
        Connect-NtnxPrismCentral $simulator.Server -SecretPath $secret -UserName admin -ErrorVariable refused -ErrorAction SilentlyContinue
        $refused[0].Exception.Message | Should -Match 'can be read by others.*chmod 600'
    }

    It 'refuses a password in the configuration file, with the reason, and does not repeat it' {
        $config = Write-Config "[nutanix]`nserver = 'x'`npassword = 'hunter2'"
        Connect-NtnxPrismCentral -ConfigPath $config -ErrorVariable refused -ErrorAction SilentlyContinue
        $refused[0].Exception.Message | Should -Match "line 3: 'nutanix.password' does not belong here"
        "$($refused[0])" | Should -Not -Match 'hunter2'
    }

    It 'warns of unknown keys with the nearest known one' {
        $config = Write-Config "[nutanix]`nsevrer = 'x'"
        Connect-NtnxPrismCentral $simulator.Server -Credential $simulator.Credential -ConfigPath $config -WarningVariable said -WarningAction SilentlyContinue | Disconnect-NtnxPrismCentral
        "$said" | Should -Match "'nutanix.sevrer' is not known.*'nutanix.server'"
    }

    It 'tells the line of a file that is no TOML' {
        $config = Write-Config "[nutanix]`nserver = x y"
        Connect-NtnxPrismCentral -ConfigPath $config -ErrorVariable broken -ErrorAction SilentlyContinue
        $broken[0].Exception.Message | Should -Match 'line 2, column'
    }

    It 'asks SecretManagement by name' {
        function global:Get-Secret { param($Name) if ($Name -eq 'prism') { $simulatorCredential } }
        $global:simulatorCredential = $simulator.Credential
        try {
            $session = Connect-NtnxPrismCentral $simulator.Server -SecretName prism
            $session.UserName | Should -Be $simulator.UserName
            $session | Disconnect-NtnxPrismCentral
            Connect-NtnxPrismCentral $simulator.Server -SecretName nope -ErrorVariable missing -ErrorAction SilentlyContinue
            $missing[0].Exception.Message | Should -Match "no secret 'nope'"
        }
        finally {
            Remove-Item Function:Get-Secret
            Remove-Variable simulatorCredential -Scope Global
        }
    }

    It 'writes a trace without secrets' {
        $trace = Join-Path $TestDrive trace.txt
        $session = Connect-NtnxPrismCentral $simulator.Server -Credential $simulator.Credential -TracePath $trace
        $null = Get-NtnxCluster
        $session | Disconnect-NtnxPrismCentral
        $text = Get-Content $trace -Raw
        $text | Should -Match 'GET api/clustermgmt'
        $text | Should -Not -Match ([regex]::Escape($password))
        $text | Should -Not -Match 'Authorization|Cookie'
    }

    Context 'templates' {
        BeforeAll { $session = $simulator | Connect-NtnxPrismCentral }
        AfterAll {
            Get-NtnxGpuVm | Remove-NtnxGpuVm -Force -Confirm:$false
            $session | Disconnect-NtnxPrismCentral
        }

        It 'makes a machine as a template says, unless a parameter says otherwise' {
            $vm = New-NtnxGpuVm small -Template inference-small -Image ubuntu-24 -NumCoresPerSocket 2 -Category Environment:Dev
            $vm.MemoryBytes | Should -Be 32GB
            $vm.NumCoresPerSocket | Should -Be 2
            $vm.MachineType | Should -Be 'Q35'
            $vm.GpuCount | Should -Be 1
            $vm.Categories.Count | Should -Be 1
        }

        It 'makes a machine with several GPUs and one with a vGPU' {
            (New-NtnxGpuVm big -Template training-large -DiskBytes 1GB -MemoryBytes 8GB).GpuCount | Should -Be 4
            $desk = New-NtnxGpuVm desk -Template vdi-vgpu -DiskBytes 1GB -MemoryBytes 4GB
            $desk.Gpus[0].Mode | Should -Be 'Virtual'
            (New-NtnxGpuVm mixed -GpuProfile 'NVIDIA A40-8Q', 'NVIDIA A40-8Q' -DiskBytes 1GB).Gpus.Name | Should -Be 'NVIDIA A40-8Q', 'NVIDIA A40-8Q'
        }

        It 'puts a machine into a project and under a host affinity policy, by name' {
            $vm = New-NtnxGpuVm placed -Template inference-small -DiskBytes 1GB -Project gpu-research -HostAffinityPolicy green-hosts -PowerOn
            $vm.Categories.Count | Should -Be 1
            $vm.HostName | Should -Match '-0[24]$'
            (TabExpansion2 'New-NtnxGpuVm x -HostAffinityPolicy b' 37).CompletionMatches.CompletionText | Should -Be 'blue-hosts'
            (TabExpansion2 'New-NtnxGpuVm x -Project gpu' 28).CompletionMatches.CompletionText | Should -Be 'gpu-research'
            foreach ($wrong in @{ Project = 'nope' }, @{ HostAffinityPolicy = 'nope' }) {
                New-NtnxGpuVm never -Template inference-small -DiskBytes 1GB @wrong -ErrorVariable unknown -ErrorAction SilentlyContinue
                $unknown[0].FullyQualifiedErrorId | Should -BeLike 'PrismNotFound,*'
            }
            Get-NtnxGpuVm never -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        }

        It 'names the templates there are, and completes them' {
            { New-NtnxGpuVm x -Template nope } | Should -Throw '*inference-small*'
            (TabExpansion2 'New-NtnxGpuVm x -Template vdi' 29).CompletionMatches.CompletionText | Should -Be 'vdi-vgpu'
        }

        It 'takes defaults from the configuration file' {
            $config = Write-Config "[nutanix.gpu_defaults]`nimage = 'ubuntu-24'`ngpu_model = 'MI210'`nmemory_gib = 9"
            $vm = New-NtnxGpuVm defaulted -ConfigPath $config
            $vm.MemoryBytes | Should -Be 9GB
            $vm.Gpus[0].Model | Should -Be 'MI210'
        }

        It 'writes nothing when a name is wrong' {
            New-NtnxGpuVm never -Template inference-small -Category No:Such -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong[0].FullyQualifiedErrorId | Should -BeLike 'PrismNotFound,*'
            Get-NtnxGpuVm never -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        }
    }
}
