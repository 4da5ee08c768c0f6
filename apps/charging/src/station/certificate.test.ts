import { expect, test } from 'vitest';
import { nameInCertificate } from './certificate.ts';

/** Self-signed, CN = CP-0001, O = Operator; good for nothing but its name. */
const pem = `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUVlgea5Deu278NAB4+f3sTC++q5YwCgYIKoZIzj0EAwIw
JTERMA8GA1UECgwIT3BlcmF0b3IxEDAOBgNVBAMMB0NQLTAwMDEwIBcNMjYxMTIx
MTYyOTEwWhgPMjEyNjEwMjgxNjI5MTBaMCUxETAPBgNVBAoMCE9wZXJhdG9yMRAw
DgYDVQQDDAdDUC0wMDAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEZhKcnvh
c2B4usgrUCTM6QSmkubdbnRPCD2Qx1EXUM4zBe2xEo+Xw2s/NQYCwPPrNI5nee2g
YAu7MW9s8o26nqNTMFEwHQYDVR0OBBYEFLWqcyZVN7d2qUTZmPM5+opMjukyMB8G
A1UdIwQYMBaAFLWqcyZVN7d2qUTZmPM5+opMjukyMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIgYkzfPR6K9uTSqjy0a6FdPfUI1TxRbIIYqSUEQy2h
QEACIQCb1Tm28MhrF7HSKMhhWiD9Hq/hMPZMHYiRCAxa60R7pQ==
-----END CERTIFICATE-----`;

/** Likewise, O = "a, CN=CP-0001" and no name. */
const nameless = `-----BEGIN CERTIFICATE-----
MIIBhjCCAS2gAwIBAgIUViUq4Cj3s/q2XIX3FZGHDq8HhV0wCgYIKoZIzj0EAwIw
GDEWMBQGA1UECgwNYSwgQ049Q1AtMDAwMTAgFw0yNjExMjExOTM0NDNaGA8yMTI2
MTAyODE5MzQ0M1owGDEWMBQGA1UECgwNYSwgQ049Q1AtMDAwMTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABIoBixMbgNWJXgJdcNDT8/CRpx/gjskPH1MGtMBJ9gnO
6FlXLbWB1XxOHTLHBqTu8/ayYfj0Qil2sZw9qdFSWZGjUzBRMB0GA1UdDgQWBBTt
j7vB55pesxhlXjdlMX/hoVOLhjAfBgNVHSMEGDAWgBTtj7vB55pesxhlXjdlMX/h
oVOLhjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIDvcRyJZQq9V
qvpbyp2gDftkYjCVLglNJhsAS7p2j6iKAiB+CpVoTrwgrY5k99hm1j8EYbKkvpej
l0Fxn3R8UcdXJQ==
-----END CERTIFICATE-----`;

test('the name is found in what each proxy says', () => {
  expect(nameInCertificate(encodeURIComponent(pem))).toBe('CP-0001');
  expect(nameInCertificate('CN=CP-1,O=Operator')).toBe('CP-1');
  expect(nameInCertificate('/C=MN/O=Operator/CN=CP-1')).toBe('CP-1');
  expect(nameInCertificate('O=Operator, CN = CP-1')).toBe('CP-1');
  expect(nameInCertificate('Hash=ab12;Subject="O=Operator,CN=CP-1";URI=spiffe://x')).toBe('CP-1');
  expect(nameInCertificate('Subject%3D%22CN%3DCP-1%2CO%3DOperator%22')).toBe('CP-1');
});

test.each([
  undefined,
  '',
  'O=Operator',
  'CN=',
  'OCN=CP-1',
  'CN=CP-1,CN=CP-2',
  'Subject="CN=CP-1",Subject="CN=CP-2"',
  '%E0%A4%A',
  '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----',
  `CN=CP-1${'x'.repeat(9_000)}`,
  encodeURIComponent(nameless),
])('there is none in %s', (header) => {
  expect(nameInCertificate(header)).toBeNull();
});
