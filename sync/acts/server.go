package acts

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/share"
)

// Server is the part that the acts share which are told how a server is reached
// rather than finding it in the profile. For a folder all of it is left empty.
type Server struct {
	Bucket        string `param:"bucket" help:"name of the bucket at the server"`
	Region        string `param:"region" help:"region of the server, when it has one"`
	AccessKey     string `param:"access-key" help:"name of your key at the server, as the office gave it to you"`
	SecretKey     string `param:"secret-key" secret:"true" json:"-" help:"secret that belongs to the access key"`
	Credentials   string `param:"credentials" json:"-" help:"instead of both: file with the access key on its first line and the secret on its second"`
	CA            string `param:"ca" json:"-" help:"file with the certificate of your office's own authority (PEM)"`
	Pin           string `param:"pin" help:"SHA-256 of a public key that the server must show (64 hexadecimal digits)"`
	Proxy         string `param:"proxy" more:"true" help:"host:port of the proxy of your network, when there is no way around it"`
	ProxyUser     string `param:"proxy-user" more:"true" help:"your name at the proxy, when it asks for one"`
	ProxyPassword string `param:"proxy-password" secret:"true" more:"true" json:"-" help:"password for the proxy"`
}

// isServer reports whether to leads to a server rather than a folder.
func isServer(to string) bool { return strings.Contains(to, "://") }

// asks lists the secrets that are needed and were not given.
func (s *Server) asks(to string) (names []string) {
	if isServer(to) && s.AccessKey != "" && s.SecretKey == "" && s.Credentials == "" {
		names = append(names, "secret-key")
	}
	if isServer(to) && s.ProxyUser != "" && s.ProxyPassword == "" {
		names = append(names, "proxy-password")
	}
	return names
}

// check reports what can't be; param is the name under which to was given.
func (s *Server) check(op, param, to string) error {
	if !isServer(to) {
		return nil
	}
	if err := s3.CheckEndpoint(to); err != nil {
		return usage(op, param, err.Error(), "Ask the office for the right address")
	}
	if s.Pin != "" {
		if _, err := s3.ParsePin(s.Pin); err != nil {
			return usage(op, "pin", err.Error(), "Ask the office for it")
		}
	}
	if err := s3.CheckProxy(s.Proxy); err != nil {
		return usage(op, "proxy", err.Error(), "Ask who runs your network; it is like proxy.example.org:3128")
	}
	switch given := s.AccessKey != "" || s.SecretKey != ""; {
	case s.Bucket == "":
		return usage(op, "bucket", "no bucket was named", "Ask the office for its name")
	case given && s.Credentials != "":
		return usage(op, "credentials", "the access key is given twice", "Give the access key with its secret, or the file with both")
	case s.Credentials == "" && s.AccessKey == "":
		return usage(op, "access-key", "there is no access key", "Give --access-key and its secret as the office told them to you, or with --credentials a file of both")
	case s.Credentials == "" && s.SecretKey == "":
		return usage(op, "secret-key", "the access key has no secret", "Give the secret that the office gave you with the access key")
	case (s.ProxyUser != "" || s.ProxyPassword != "") && s.Proxy == "":
		return usage(op, "proxy", "there is a name or password for a proxy, but no proxy", "Give --proxy, such as proxy.example.org:3128")
	case (s.ProxyUser == "") != (s.ProxyPassword == ""):
		return usage(op, "proxy-user", "a proxy takes a name and a password together", "Give both, or neither")
	}
	return nil
}

// place is where to leads, with what the named files hold.
func (s *Server) place(op, to string) (out share.Settings, err error) {
	if !isServer(to) {
		out.Folder, err = existingFolder(op, to)
		return out, err
	}
	out = share.Settings{
		Endpoint: strings.TrimSuffix(to, "/"), Bucket: s.Bucket, Region: s.Region, AccessKey: s.AccessKey, SecretKey: s.SecretKey, Pin: s.Pin,
		Proxy: s.Proxy, ProxyUser: s.ProxyUser, ProxyPassword: s.ProxyPassword,
	}
	if s.CA != "" {
		text, err := readSmall(op, s.CA, "ca")
		if err != nil {
			return out, err
		}
		out.CA = string(text)
	}
	if s.Credentials == "" {
		return out, nil
	}
	text, err := readSmall(op, s.Credentials, "credentials")
	if err != nil {
		return out, err
	}
	defer clear(text)
	if out.AccessKey, out.SecretKey, err = parseCredentials(text); err != nil {
		return out, problem.New(problem.BadInput, op, filepath.Base(s.Credentials), err.Error(), "Put the access key on the first line and its secret on the second")
	}
	return out, nil
}

func existingFolder(op, path string) (string, error) {
	dir, err := filepath.Abs(path)
	if info, e := os.Stat(dir); err != nil || e != nil || !info.IsDir() {
		return "", problem.New(problem.NotFound, op, filepath.Base(path), "there is no such folder", "Plug the stick in, or make the folder first").Because(errors.Join(err, e))
	}
	return dir, nil
}

// parseCredentials takes two lines, or the lines of an AWS credentials file.
func parseCredentials(text []byte) (key, secret string, err error) {
	var plain []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		name, value, named := strings.Cut(line, "=")
		switch name = strings.TrimSpace(name); {
		case named && name == "aws_access_key_id":
			key = strings.TrimSpace(value)
		case named && name == "aws_secret_access_key":
			secret = strings.TrimSpace(value)
		case line != "" && !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "#"):
			plain = append(plain, line)
		}
	}
	if key == "" && secret == "" && len(plain) == 2 {
		key, secret = plain[0], plain[1]
	}
	if key == "" || secret == "" {
		return "", "", errors.New("it does not hold an access key and a secret")
	}
	return key, secret, nil
}

// readSmall reads a file of keys.
func readSmall(op, path, param string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem.New(problem.NotFound, op, filepath.Base(path), "the file can't be read", "Check the name given with --"+param).Because(err)
	}
	defer f.Close()
	const most = 64 << 10
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil || len(data) > most {
		return nil, problem.New(problem.BadInput, op, filepath.Base(path), "this is not such a file", "Check the name given with --"+param).Because(err)
	}
	return data, nil
}
