const form = document.querySelector('#form');
const problem = document.querySelector('#problem');

form.addEventListener('submit', async event => {
  event.preventDefault();
  const answer = await fetch('/api/login', { method: 'POST', body: new URLSearchParams(new FormData(form)) });
  if (answer.ok) {
    location.assign('/');
    return;
  }
  const { error, remedy } = await answer.json();
  problem.textContent = `${error}: ${remedy}`;
});
